//! `/admin/users` and `/admin/addresses`, for admins: what somebody has used, and shutting them or their address out for a time.

use std::net::IpAddr;

use application::App;
use application::blocks::{self, KnownUser, Used};
use domain::{User, UserId};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::Role;
use crate::overview::moment_in_utc;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

const USER: &str = "/api/v1/admin/users/{id}";
const BLOCK: &str = "/api/v1/admin/users/{id}/block";
const ADDRESS: &str = "/api/v1/admin/addresses/block";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::GET, USER, |app, request| Box::pin(read(app, request))),
    Endpoint::account(Method::POST, BLOCK, |app, request| Box::pin(block(app, request))),
    Endpoint::account(Method::DELETE, BLOCK, |app, request| Box::pin(unblock(app, request))),
    Endpoint::account(Method::POST, ADDRESS, |app, request| Box::pin(block_address(app, request))),
    Endpoint::account(Method::DELETE, ADDRESS, |app, request| Box::pin(unblock_address(app, request))),
];

/// A path that names a user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct UserPath {
    /// The user
    #[param(value_type = String, format = Uuid)]
    id: UserId,
}

impl UserPath {
    fn of(request: &Request) -> Result<Self, Problem> {
        let id = request.path_value("id").and_then(|value| UserId::parse(value).ok());
        Ok(Self { id: id.ok_or_else(Problem::not_found)? })
    }
}

/// Until when a user is shut out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBlock {
    /// In UTC, within the next 31 days.
    #[schema(format = DateTime)]
    until: String,
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockedAddress {
    /// IPv4 or IPv6; of an IPv6 one it is the /48.
    #[schema(max_length = 45)]
    address: String,
}

/// What somebody has used, by answers that were kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct UseView {
    messages: u64,
    /// Read and written.
    tokens: u64,
}

/// What is kept of somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptView {
    bytes: u64,
    /// `CHAT_USER_STORAGE_MB`. `null`: there is no limit.
    #[schema(required = true)]
    limit_bytes: Option<u64>,
}

/// A user, as the operator sees them.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonView {
    #[schema(format = Uuid)]
    id: String,
    role: Role,
    /// Since midnight UTC.
    today: UseView,
    /// Today and the 29 days before.
    last_30_days: UseView,
    storage: KeptView,
    /// `null`: they are let in.
    #[schema(required = true, format = DateTime)]
    blocked_until: Option<String>,
}

impl From<Used> for UseView {
    fn from(Used { messages, tokens }: Used) -> Self {
        Self { messages, tokens }
    }
}

/// What a user has used, for admins. 403 `forbidden` for all others; 404 for who is gone, or has kept nothing yet.
#[utoipa::path(
    get, path = USER, tag = "admin", operation_id = "read_user", params(UserPath),
    responses((status = 200, body = PersonView), Problem)
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let UserPath { id } = UserPath::of(&request)?;
    let KnownUser { role, today, month, bytes, blocked_until, .. } = blocks::read(&app, &caller, id).await?;
    let view = PersonView {
        id: id.to_string(),
        role: role.into(),
        today: today.into(),
        last_30_days: month.into(),
        storage: KeptView { bytes, limit_bytes: Some(app.config.storage.account).filter(|limit| *limit > 0) },
        blocked_until: blocked_until.map(|at| at.to_string()),
    };
    Ok(response::json(StatusCode::OK, &view))
}

/// Shut a user out for a time, for admins: their messages, and whatever else asks the database for them, are refused with 403 `blocked`. 409 `is_admin` for an admin and for oneself.
#[utoipa::path(
    post, path = BLOCK, tag = "admin", operation_id = "block_user", params(UserPath), request_body = NewBlock,
    responses((status = 204, description = "They are shut out"), Problem)
)]
async fn block(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let UserPath { id } = UserPath::of(&request)?;
    let NewBlock { until } = request.json(0).await?;
    let until = moment_in_utc(&until).ok_or_else(|| Problem::wrong_text("until"))?;
    change(app, caller, id, Some(until)).await
}

/// Let a user in again, for admins.
#[utoipa::path(
    delete, path = BLOCK, tag = "admin", operation_id = "unblock_user", params(UserPath),
    responses((status = 204, description = "They are let in"), Problem)
)]
async fn unblock(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let UserPath { id } = UserPath::of(&request)?;
    change(app, caller, id, None).await
}

/// Shut an address out until midnight UTC, for admins: messages and new guests from there are refused with 403 `blocked`.
#[utoipa::path(
    post, path = ADDRESS, tag = "admin", operation_id = "block_address", request_body = BlockedAddress,
    responses((status = 204, description = "It is shut out"), Problem)
)]
async fn block_address(app: App, request: Request) -> HandlerResult {
    change_address(app, request, true).await
}

/// Let an address in again, for admins.
#[utoipa::path(
    delete, path = ADDRESS, tag = "admin", operation_id = "unblock_address", request_body = BlockedAddress,
    responses((status = 204, description = "It is let in"), Problem)
)]
async fn unblock_address(app: App, request: Request) -> HandlerResult {
    change_address(app, request, false).await
}

async fn change(app: App, caller: User, id: UserId, until: Option<Timestamp>) -> HandlerResult {
    blocks::change(&app, &caller, id, until).await?;
    Ok(response::no_content())
}

async fn change_address(app: App, request: Request, is_blocked: bool) -> HandlerResult {
    let caller = request.caller(&app)?;
    let BlockedAddress { address } = request.json(0).await?;
    let address: IpAddr = address.parse().map_err(|_| Problem::wrong_text("address"))?;
    blocks::change_address(&app, &caller, address, is_blocked).await?;
    Ok(response::no_content())
}
