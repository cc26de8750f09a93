//! `/config`: what a page must know before anybody has come in.

use application::{App, Config};
use domain::{OfferedModel, ProviderId};
use http::{Method, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
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
    /// Who answers: the first is asked first.
    models: Vec<PublicModel>,
}

/// A model as visitors may know it: what it costs is the operator's.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicModel {
    /// Its vendor's name for it.
    id: String,
    /// What people read.
    label: String,
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
    /// A chat can be shown to others by a link.
    share: bool,
    /// Visitors may choose among `models`: what sends a message may name one.
    model_choice: bool,
    /// A model gives a new session a better title than its first words, some seconds after its first answer.
    titles_by_model: bool,
    /// There are chats of which nothing is kept.
    temporary: bool,
    /// Visitors may say what they think of an answer.
    feedback: bool,
    /// Pages of other origins may show the chat.
    embed: bool,
}

impl FeaturesView {
    /// The one place that says what is there.
    fn of(config: &Config) -> Self {
        let accounts = config.accounts.is_some();
        let view = |id: ProviderId| ProviderView { id: id.name(), name: config.providers.name(id).to_owned() };
        Self {
            accounts,
            passkeys: accounts && config.public_origin.is_some(),
            mail: config.mail.is_some(),
            providers: config.offered_providers().map(view).collect(),
            openai: config.openai,
            share: true,
            model_choice: config.model_choice,
            titles_by_model: config.titles_by_model,
            temporary: true,
            feedback: true,
            embed: !config.embed_origins.is_empty(),
        }
    }
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

/// The limits of this deployment, what there is and who answers, for everybody. It may be kept for a minute and asked for again by its `ETag`.
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
    let model = |model: &OfferedModel| PublicModel { id: model.id.clone(), label: model.label.clone() };
    let view =
        ConfigView { limits, features: FeaturesView::of(config), models: config.models.iter().map(model).collect() };
    let known = headers::tags(request.headers(), header::IF_NONE_MATCH);
    Ok(response::revalidated(&view, "public, max-age=60", known))
}
