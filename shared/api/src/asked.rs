//! Who asks for an answer, by which model, and the head that it comes with: the same for a chat that is kept and for one that is not.

use std::net::IpAddr;

use application::turn::{self, Accepted, AnswerBody, AnswerForm, SendMessage};
use application::{App, Wishes};
use domain::{Action, IdempotencyKey, User};
use utoipa::openapi::{Header, Response, ResponseBuilder};
use utoipa::{IntoParams, PartialSchema};

use crate::endpoint::HandlerResult;
use crate::headers;
use crate::problem::Problem;
use crate::request::Request;

/// Who asks for an answer, from where, and under which key.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Asked {
    #[param(ignore)]
    caller: User,
    #[param(ignore)]
    address: Option<IpAddr>,
    /// 1 to 255 visible characters. Repeated with the same key within 24 hours, the request is done and charged once, and its answer is given again, running or whole; one that failed before its answer began is tried again
    #[param(rename = "Idempotency-Key", value_type = Option<String>)]
    key: Option<IdempotencyKey>,
    /// `<challenge>.<n>`, the work that a `challenge_required` asked for
    #[param(rename = "X-Proof-Of-Work", value_type = Option<String>)]
    proof: Option<String>,
}

impl Asked {
    /// # Errors
    /// Nobody who is known asks, or the key is none.
    pub fn by(app: &App, request: &Request) -> Result<Self, Problem> {
        let proof = request.proof_of_work().map(str::to_owned);
        Ok(Self { caller: request.caller(app)?, address: request.client, key: request.idempotency_key()?, proof })
    }

    /// Has `action` answered, by `model` first.
    ///
    /// # Errors
    /// The model is none that a visitor may choose, or the message is not taken.
    pub async fn answer(
        self,
        app: &App,
        action: Action,
        answer: AnswerForm,
        model: Option<String>,
    ) -> Result<Accepted, Problem> {
        let Self { caller, address, key, proof } = self;
        let limits = app.limits(&caller);
        let wishes = Wishes { model: chosen(app, model)?, ..Wishes::default() };
        let command = SendMessage { caller, limits, address, action, answer, key, proof, wishes };
        Ok(turn::send(app, command).await?)
    }
}

/// The model that a visitor has chosen, if they may.
fn chosen(app: &App, model: Option<String>) -> Result<Option<String>, Problem> {
    let Some(model) = model else { return Ok(None) };
    if !app.config.model_choice {
        return Err(Problem::unsupported_parameter("model"));
    }
    let offered: Vec<&str> = app.config.models.iter().map(|model| model.id.as_str()).collect();
    match offered.contains(&&*model) {
        true => Ok(Some(model)),
        false => Err(Problem::invalid_field("model", format!("`model` must be one of these: {}.", offered.join(", ")))),
    }
}

/// What a sender is told: the answer as `shown`, under the head that says which it is, who gives it and where they stand.
///
/// # Errors
/// Those of `shown`.
pub(crate) fn respond(accepted: Accepted, shown: impl FnOnce(AnswerBody) -> HandlerResult) -> HandlerResult {
    let Accepted { answer, model, instead_of, standing, is_replayed, timings, body, .. } = accepted;
    let mut response = shown(body)?;
    let headers = response.headers_mut();
    if is_replayed {
        headers::text(headers, "idempotent-replayed", "true");
    }
    headers::text(headers, "x-message-id", &answer.to_string());
    headers::models(headers, model.as_deref(), instead_of.as_deref());
    if let Some(timings) = timings {
        headers::timing(headers, timings);
    }
    if let Some(standing) = &standing {
        headers::quota(headers, standing);
    }
    Ok(response)
}

/// A header of an answer, as it is documented.
pub(crate) fn documented(description: Option<&str>) -> Header {
    Header::builder().schema(Some(String::schema())).description(description).build()
}

/// An answer, with the headers of [`respond`].
pub(crate) fn documented_answer(response: ResponseBuilder) -> Response {
    response
        .header("X-Message-Id", documented(None))
        .header("X-Model", documented(Some("The model that answers")))
        .header(
            "X-Model-Instead-Of",
            documented(Some("The one that was chosen, or else the first, where it is not there to be asked")),
        )
        .header(
            "Server-Timing",
            documented(Some(
                "`admit;dur=…, db;dur=…, model;dur=…`, in milliseconds: what the steps before the answer took",
            )),
        )
        .header("Idempotent-Replayed", documented(Some("`true`: an earlier request with this key made it")))
        .build()
}
