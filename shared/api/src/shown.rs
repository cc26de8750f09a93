//! What whoever comes in anew shows, where the server wants it proved that somebody is there.

use application::guests;
use utoipa::IntoParams;

use crate::request::Request;

/// What somebody shows, as it was sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Shown {
    /// `<challenge>.<n>`, the work that a `challenge_required` asked for
    #[param(rename = "X-Proof-Of-Work", value_type = Option<String>)]
    proof: Option<String>,
    /// The token that a `challenge_required` with `turnstile` asked for
    #[param(rename = "X-Turnstile-Token", value_type = Option<String>)]
    token: Option<String>,
}

impl Shown {
    pub fn by(request: &Request) -> Self {
        let [proof, token] = [request.proof_of_work(), request.turnstile_token()].map(|shown| shown.map(str::to_owned));
        Self { proof, token }
    }

    pub fn as_sent(&self) -> guests::Shown<'_> {
        guests::Shown { proof: self.proof.as_deref(), token: self.token.as_deref() }
    }
}
