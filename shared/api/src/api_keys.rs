//! `/me/keys`: the keys that an account gives programs to ask the model by. What they open is `openai`.

use application::App;
use application::accounts::api_keys::{self, MadeApiKey};
use domain::{ApiKey, ApiKeyId, ApiKeyName, MOST_API_KEY_DAYS};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

const MINE: &str = "/api/v1/me/keys";
const ONE: &str = "/api/v1/me/keys/{id}";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::GET, MINE, |app, request| Box::pin(list(app, request))),
    Endpoint::account(Method::POST, MINE, |app, request| Box::pin(make(app, request))),
    Endpoint::account(Method::DELETE, ONE, |app, request| Box::pin(revoke(app, request))),
];

/// A path that names an API key.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ApiKeyPath {
    /// The key
    #[param(value_type = String, format = Uuid)]
    id: ApiKeyId,
}

/// A key that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What its owner calls it, 1 to 100 characters.
    name: String,
    /// After how many days it ends, 1 to 366. Without it, it does not end by itself.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 366)]
    expires_in_days: Option<u32>,
}

/// The API keys of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeysView {
    keys: Vec<ApiKeyView>,
}

/// An API key as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    #[schema(format = Uuid)]
    id: String,
    /// What its owner calls it.
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// The last day (UTC) on which a program has come by it.
    #[schema(required = true, format = Date)]
    used_on: Option<String>,
    /// When it ends; `null`: not by itself. One that has ended stays in the list until it is revoked or another one is made.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeApiKeyView {
    /// `ew_` and 32 letters and digits. Nobody can be shown it again.
    key: String,
    #[serde(flatten)]
    about: ApiKeyView,
}

/// How many keys are good no more.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedView {
    revoked: usize,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.as_str().to_owned(),
            created_at: key.created_at.to_string(),
            used_on: key.used_on,
            expires_at: key.expires_at.map(|at| at.to_string()),
        }
    }
}

/// The caller's API keys, the oldest first. 403 for a guest, whose token is a key already. 404 where `GET /config` names no `openai`.
#[utoipa::path(get, path = MINE, tag = "me", operation_id = "list_api_keys", responses((status = 200, body = ApiKeysView), Problem))]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let keys = api_keys::list(&app, &caller).await?;
    Ok(response::json(StatusCode::OK, &ApiKeysView { keys: keys.into_iter().map(ApiKeyView::from).collect() }))
}

/// Make an API key, by which a program asks the model below `/v1` and nothing else, on a device that was signed in to within the last five minutes (403
/// `reauthentication_required`). The answer is the only one that has the key. Five at most (409 `too_many_api_keys`).
#[utoipa::path(
    post, path = MINE, tag = "me", operation_id = "make_api_key", request_body = NewApiKey,
    responses((status = 201, body = MadeApiKeyView), Problem)
)]
async fn make(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let NewApiKey { name, expires_in_days } = request.json(0).await?;
    let name = ApiKeyName::parse(&name)?;
    if expires_in_days.is_some_and(|days| !(1..=MOST_API_KEY_DAYS).contains(&days)) {
        let rule = format!("`expires_in_days` must be a number from 1 to {MOST_API_KEY_DAYS}.");
        return Err(Problem::invalid_field("expires_in_days", rule));
    }
    let MadeApiKey { key, shown } = api_keys::make(&app, &caller, name, expires_in_days).await?;
    let view = MadeApiKeyView { key: shown.text().to_owned(), about: ApiKeyView::from(key) };
    Ok(response::json(StatusCode::CREATED, &view))
}

/// Revoke an API key: the next request by it is refused.
#[utoipa::path(
    delete, path = ONE, tag = "me", operation_id = "revoke_api_key", params(ApiKeyPath),
    responses((status = 200, body = RevokedView), Problem)
)]
async fn revoke(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let id = request.path_value("id").and_then(|value| ApiKeyId::parse(value).ok());
    let ApiKeyPath { id } = ApiKeyPath { id: id.ok_or_else(Problem::not_found)? };
    api_keys::revoke(&app, &caller, id).await?;
    Ok(response::json(StatusCode::OK, &RevokedView { revoked: 1 }))
}
