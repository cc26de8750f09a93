//! `/me`: what is known of a caller and the way out with all one has, for guests of every page; and, where there are accounts, devices and the password.

use application::App;
use application::accounts::{self, Device, Exported, ExportedSession, Lines, PasswordKey, Place, Profile};
use domain::{DeviceId, MessageId, Role, SessionId, User, UserContext};
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Entering, LoggedOutView, SignedInView, name, password_key};
use crate::auth::UserView;
use crate::contexts::ContextView;
use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::sessions::{MessageView, SessionView};
use crate::{cookies, response};

const ME: &str = "/api/v1/me";
const SESSIONS: &str = "/api/v1/me/sessions";
const SESSION: &str = "/api/v1/me/sessions/{id}";

/// What a guest writes to be deleted.
const CONFIRMATION: &str = "delete";

const PASSWORD: &str = "/api/v1/me/password";

/// The routes of this group. A guest has a way out whether there are accounts or not.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::GET, ME, |app, request| Box::pin(read(app, request))),
    Endpoint::chat(Method::DELETE, ME, |app, request| Box::pin(delete(app, request))),
    Endpoint::account(Method::POST, PASSWORD, |app, request| Box::pin(set_password(app, request))),
    Endpoint::chat(Method::GET, "/api/v1/me/export", |app, request| Box::pin(export(app, request))),
    Endpoint::account(Method::GET, SESSIONS, |app, request| Box::pin(list(app, request))),
    Endpoint::account(Method::DELETE, SESSION, |app, request| Box::pin(end(app, request))),
];

/// What is known of a caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeView {
    user: UserView,
    /// An address that was verified.
    #[schema(required = true)]
    email: Option<String>,
    /// The name of the password.
    #[schema(required = true)]
    login: Option<String>,
    /// Since when something is stored; `null`: nothing is.
    #[schema(required = true, format = DateTime)]
    created_at: Option<String>,
    limits: MyLimits,
    storage: MyStorage,
}

/// What a caller may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyLimits {
    /// Messages in any 60 seconds.
    per_minute: u64,
    /// Messages a UTC day; `null`: no limit.
    #[schema(required = true)]
    per_day: Option<u64>,
    /// Running answers at the same time.
    answers: u64,
}

/// What is kept of a caller's messages, in bytes. What they delete makes room at once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyStorage {
    used: u64,
    /// From there on nothing new is kept: 403 `storage_full`. `null`: no limit.
    #[schema(required = true)]
    limit: Option<u64>,
}

/// The signed-in devices of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct DevicesView {
    sessions: Vec<DeviceView>,
}

/// A signed-in device.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceView {
    #[schema(format = Uuid)]
    id: String,
    /// What its browser says it is.
    user_agent: String,
    /// Whether it is the one that asks.
    current: bool,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last asked for a token.
    #[schema(format = DateTime)]
    used_at: String,
    /// When it ends, unless it asks again.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A path that names a device.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DevicePath {
    /// The device
    #[param(value_type = String, format = Uuid)]
    id: DeviceId,
}

/// That the caller means it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Farewell {
    /// Of a guest: `delete`.
    #[serde(default)]
    confirm: Option<String>,
}

/// A password that takes the place of another one, or is the first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    /// The account's `login`; the name to sign in by where it has none yet.
    email: String,
    /// The 32 bytes that the browser has made of the new password, in base64url without padding.
    password_key: String,
    /// The same of the password that there is. Without it the device must have been signed in to by a passkey, just now.
    #[serde(default)]
    old_password_key: Option<String>,
}

/// A caller who is being deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct FarewellView {
    status: FarewellStatus,
}

/// All is locked, and removed behind this answer.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FarewellStatus {
    Deleting,
}

/// A line of an export.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ExportLine {
    /// What the caller wants the model to know, before all others.
    Context { context: ContextView },
    /// A session, before its messages.
    Session {
        session: SessionView,
        /// When it was deleted, if it was.
        #[schema(required = true, format = DateTime)]
        deleted_at: Option<String>,
    },
    /// A message of the session before.
    Message {
        message: MessageView,
        /// Why the caller thinks of it what they do, in their words.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The last line: ask again with `after`.
    Next { after: String },
    /// The last line: that was all.
    End {},
}

/// Who the caller is, what they may do and how much of their room is used.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", operation_id = "read_me", responses((status = 200, body = MeView), Problem))]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let Profile { role, person } = accounts::read(&app, &caller).await?;
    let user = User { role, ..caller };
    let limits = app.limits(&user);
    let view = MeView {
        user: UserView::from(&user),
        created_at: person.as_ref().map(|person| person.created_at.to_string()),
        storage: MyStorage {
            used: person.as_ref().map_or(0, |person| person.bytes),
            limit: app.config.storage.of_user(role),
        },
        login: person.as_ref().and_then(|person| person.login.clone()),
        email: person.and_then(|person| person.email),
        limits: MyLimits { per_minute: limits.per_minute, per_day: limits.per_day, answers: limits.answers },
    };
    Ok(response::json(StatusCode::OK, &view))
}

/// Set a password: by the one before, or within five minutes of a sign-in by a passkey; the first one within five minutes of any sign-in (403 `reauthentication_required`).
/// All devices end; the answer signs this one in anew, and has the next recovery code. 401 `wrong_credentials`: the name or the password before does
/// not fit. 409 `login_taken`: somebody else signs in by this name. Tries are limited as those to sign in.
#[utoipa::path(
    post, path = PASSWORD, tag = "me", operation_id = "set_password", request_body = OwnPassword,
    responses((status = 200, body = SignedInView), Problem)
)]
async fn set_password(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let entering = Entering::of(&app, &request)?;
    let input: OwnPassword = request.json(0).await?;
    let (login, key) = (name(&input.email)?, password_key(&input.password_key)?);
    let before = input
        .old_password_key
        .as_deref()
        .map(|text| PasswordKey::parse(text).ok_or_else(|| Problem::wrong_text("old_password_key")));
    let before = before.transpose()?;
    let signed_in = accounts::set(&app, &caller, &entering.entrant(None), &login, before.as_ref(), &key).await?;
    entering.let_in(&app, StatusCode::OK, &signed_in, Some(&login))
}

/// The devices that are signed in, the last used first. 403 for a guest.
#[utoipa::path(
    get, path = SESSIONS, tag = "me", operation_id = "list_devices", responses((status = 200, body = DevicesView), Problem)
)]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let devices = accounts::list(&app, &caller).await?;
    let view = |device: Device| DeviceView {
        id: device.id.to_string(),
        user_agent: device.user_agent,
        current: caller.device == Some(device.id),
        created_at: device.created_at.to_string(),
        used_at: device.used_at.to_string(),
        expires_at: device.expires_at.to_string(),
    };
    Ok(response::json(StatusCode::OK, &DevicesView { sessions: devices.into_iter().map(view).collect() }))
}

/// Sign a device out.
#[utoipa::path(
    delete, path = SESSION, tag = "me", operation_id = "end_device", params(DevicePath),
    responses((status = 200, body = LoggedOutView), Problem)
)]
async fn end(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let id = request.path_value("id").and_then(|value| DeviceId::parse(value).ok());
    let DevicePath { id } = DevicePath { id: id.ok_or_else(Problem::not_found)? };
    accounts::end_device(&app, &caller, id).await?;
    Ok(response::json(StatusCode::OK, &LoggedOutView { ended: 1 }))
}

/// Delete the caller with all they have: 202, their tokens end at once, and everything is removed behind it. An account must have signed in on this device
/// within the last five minutes (403 `reauthentication_required`); a guest, who cannot, sends `{"confirm":"delete"}`.
#[utoipa::path(
    delete, path = ME, tag = "me", operation_id = "delete_me", request_body = Option<Farewell>,
    responses((status = 202, body = FarewellView), Problem)
)]
async fn delete(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let Farewell { confirm } = request.optional_json(0).await?;
    if caller.role == Role::Guest && confirm.as_deref() != Some(CONFIRMATION) {
        return Err(Problem::wrong_text("confirm"));
    }
    accounts::delete(&app, &caller).await?;
    let mut response = response::json(StatusCode::ACCEPTED, &FarewellView { status: FarewellStatus::Deleting });
    cookies::forget(response.headers_mut(), cookies::REFRESH);
    Ok(response)
}

/// All that the caller has: a JSON object a line (`ExportLine`), sessions with their messages, deleted ones too. The last line is `end`, or `next` with the
/// place to go on after; without either of them it has broken off.
#[utoipa::path(
    get, path = "/api/v1/me/export", tag = "me", operation_id = "export_me",
    params(("after" = Option<String>, Query, description = "Of a `next`: where to go on")),
    responses((status = 200, body = String, content_type = "application/x-ndjson"), Problem)
)]
async fn export(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let after =
        request.query("after").map(|text| place(&text).ok_or_else(|| Problem::wrong_text("after"))).transpose()?;
    let lines =
        Lines { context: context_line, session: session_line, message: message_line, next: next_line, end: end_line };
    let reader = accounts::export(&app, &caller, after, lines).await?;
    let mut response = response::lines(reader);
    let attachment = HeaderValue::from_static("attachment; filename=\"edgewise.ndjson\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment);
    Ok(response)
}

fn place(text: &str) -> Option<Place> {
    let (session, message) = text.split_once('.').map_or((text, None), |(session, message)| (session, Some(message)));
    Some((SessionId::parse(session).ok()?, message.map(MessageId::parse).transpose().ok()?))
}

fn session_line(exported: &ExportedSession) -> String {
    let deleted_at = exported.deleted_at.map(|at| at.to_string());
    line(&ExportLine::Session { session: SessionView::from(&exported.session), deleted_at })
}

fn context_line(context: &UserContext) -> String {
    line(&ExportLine::Context { context: context.clone().into() })
}

fn message_line(exported: &Exported) -> Option<String> {
    let message = MessageView::from(exported.message.as_ref()?);
    Some(line(&ExportLine::Message { message, reason: exported.reason.clone() }))
}

fn next_line((session, message): Place) -> String {
    let message = message.map(|message| format!(".{message}")).unwrap_or_default();
    line(&ExportLine::Next { after: format!("{session}{message}") })
}

fn end_line() -> String {
    line(&ExportLine::End {})
}

fn line(line: &ExportLine) -> String {
    // Structs of strings and numbers: serialising them has no way to fail.
    serde_json::to_string(line).unwrap_or_default()
}
