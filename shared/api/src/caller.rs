//! From the `Authorization` header to a caller.

use application::App;
use domain::User;
use http::header;

use crate::problem::Problem;
use crate::request::Request;
use crate::token::{self, TokenError};

impl Request {
    /// Who is asking.
    ///
    /// # Errors
    /// 401 without a good token; 404, as if there were no chat, for somebody it is not rolled out to.
    pub(crate) fn caller(&self, app: &App) -> Result<User, Problem> {
        let header = self.headers().get(header::AUTHORIZATION).ok_or_else(|| Problem::unauthenticated("no token"))?;
        let token = header
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| Problem::unauthenticated("not a bearer token"))?;
        let user = match token::verify(&app.config, token, app.platform.clock.now()) {
            Ok(user) => user,
            Err(TokenError::Expired) => return Err(Problem::token_expired()),
            Err(TokenError::Invalid(cause)) => return Err(Problem::unauthenticated(cause)),
        };
        self.notes.user.set(Some(user.id));
        if app.config.is_open_to(&user) { Ok(user) } else { Err(Problem::not_found()) }
    }
}
