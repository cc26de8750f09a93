//! `/config`: what a page must know before anybody has come in.

use application::App;
use domain::ProviderId;
use http::{Method, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::GET, "/api/v1/config", |app, request| Box::pin(read(app, request)))];

/// What is public of the operator's configuration.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConfigView {
    limits: LimitsView,
    features: FeaturesView,
}

/// What there is beside the chat.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeaturesView {
    /// Visitors may sign up: `/auth/register` and what belongs to it, `/me`.
    accounts: bool,
    /// They may do so by a passkey.
    passkeys: bool,
    /// Links can be sent by mail: `/auth/email`.
    mail: bool,
    /// Who vouches for them: `/auth/{provider}`.
    providers: Vec<ProviderView>,
    /// Clients of OpenAI's API may come: `/v1`.
    openai: bool,
}

/// Who vouches for somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderView {
    /// As it stands in routes.
    id: &'static str,
    /// For people.
    name: String,
}

/// What one user may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitsView {
    /// The longest message, in characters (Unicode scalar values).
    message_chars: usize,
    /// Messages in any 60 seconds.
    per_minute: u64,
    /// Messages a UTC day.
    per_day: u64,
    /// How many earlier messages the model sees.
    context_messages: u32,
}

/// The limits of this deployment and what there is, for everybody. It may be kept for a minute and asked for again by its `ETag`.
#[utoipa::path(
    get, path = "/api/v1/config", tag = "meta", operation_id = "read_config", security(()),
    params(("If-None-Match" = Option<String>, Header, description = "An `ETag` that is known")),
    responses(
        (status = 200, body = ConfigView, headers(("ETag" = String))),
        (status = 304, description = "It is as the caller knows it"),
        Problem,
    )
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let config = &app.config;
    let limits = LimitsView {
        message_chars: config.message_chars,
        per_minute: config.per_minute,
        per_day: config.per_day,
        context_messages: config.context_messages,
    };
    let accounts = config.accounts.is_some();
    let passkeys = accounts && config.public_origin.is_some();
    let view = |id: ProviderId| ProviderView { id: id.name(), name: config.providers.name(id).to_owned() };
    let providers = config.offered_providers().map(view).collect();
    let mail = config.mail.is_some();
    let features = FeaturesView { accounts, passkeys, mail, providers, openai: config.openai };
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    Ok(response::revalidated(&ConfigView { limits, features }, "public, max-age=60", known.iter()))
}
