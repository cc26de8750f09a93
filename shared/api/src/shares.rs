//! Links that show a branch of a session to others: `/chat/sessions/{id}/shares` for their owner, `/shares/{token}` and the page `/s/{token}` for
//! whoever has one.

use std::collections::BTreeMap;

use application::App;
use application::shares::{self, Change, OwnShare, Wanted};
use domain::{MessageId, SessionId, ShareId, ShareLife, SharedBranch, SharedMessage};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::names::MessageRole;
use crate::problem::{Problem, ProblemView};
use crate::request::{Request, SessionPath};
use crate::sessions::SessionView;
use crate::{response, shared_page};

const OF_SESSION: &str = "/api/v1/chat/sessions/{id}/shares";
const ONE: &str = "/api/v1/chat/sessions/{id}/shares/{share_id}";
const OWN: &str = "/api/v1/chat/shares";
const SHARED: &str = "/api/v1/shares/{token}";
const CONTINUE: &str = "/api/v1/shares/{token}/continue";
const PAGE: &str = "/s/{token}";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, OF_SESSION, |app, request| Box::pin(create(app, request))),
    Endpoint::chat(Method::GET, OF_SESSION, |app, request| Box::pin(list(app, request))),
    Endpoint::chat(Method::PATCH, ONE, |app, request| Box::pin(change(app, request))),
    Endpoint::chat(Method::DELETE, ONE, |app, request| Box::pin(revoke(app, request))),
    Endpoint::chat(Method::GET, OWN, |app, request| Box::pin(list_all(app, request))),
    Endpoint::chat(Method::GET, SHARED, |app, request| Box::pin(read(app, request))),
    Endpoint::chat(Method::POST, CONTINUE, |app, request| Box::pin(go_on(app, request))),
    Endpoint::chat(Method::GET, PAGE, |app, request| Box::pin(page(app, request))),
];

/// A path that names a link.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SharePath {
    /// The session
    #[param(value_type = String, format = Uuid)]
    id: SessionId,
    /// The link
    #[param(value_type = String, format = Uuid)]
    share_id: ShareId,
}

/// A new link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShare {
    /// The last message of the branch that it shows.
    #[schema(format = Uuid)]
    leaf_id: String,
    /// Seconds until it ends; without them it never ends by itself.
    #[schema(minimum = 60, maximum = 31_536_000)]
    expires_in: Option<u32>,
}

/// What of a link changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedShare {
    /// As the caller knows it. 409 `stale_revision` where the link was changed meanwhile.
    revision: u32,
    /// The last message of the branch that it is to show from now on, as that stands.
    #[schema(format = Uuid)]
    leaf_id: Option<String>,
    /// Seconds from now until it ends.
    #[schema(minimum = 60, maximum = 31_536_000)]
    expires_in: Option<u32>,
}

/// A link, as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShareView {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    session_id: String,
    /// The last message that it shows.
    #[schema(format = Uuid)]
    leaf_id: String,
    /// The session's, when the link was made or moved.
    #[schema(required = true)]
    title: Option<String>,
    /// The page for its readers: without a host where `PUBLIC_ORIGIN` is not set. `null`: the secret that it was made under is gone, and nobody
    /// can open it.
    #[schema(required = true)]
    url: Option<String>,
    /// One more with each change.
    revision: u32,
    #[schema(format = DateTime)]
    created_at: String,
    /// `null`: it never ends by itself.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
}

impl ShareView {
    fn of(app: &App, own: &OwnShare) -> Self {
        let origin = app.config.public_origin.as_ref().map(|origin| origin.as_str()).unwrap_or_default();
        let OwnShare { share, token } = own;
        Self {
            id: share.id.to_string(),
            session_id: share.session.to_string(),
            leaf_id: share.leaf.to_string(),
            title: share.title.clone(),
            url: token.as_ref().map(|token| format!("{origin}/s/{token}")),
            revision: share.revision,
            created_at: share.created_at.to_string(),
            expires_at: share.expires_at.map(|at| at.to_string()),
        }
    }
}

/// Links that show something.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShareList {
    /// Newest first.
    shares: Vec<ShareView>,
}

/// A link that shows nothing any more.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedShare {
    #[schema(format = Uuid)]
    id: String,
}

/// What a link shows.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedBranch)]
pub(crate) struct SharedView {
    /// The session's, when the link was made or moved.
    #[schema(required = true)]
    title: Option<String>,
    revision: u32,
    /// Whether the branch begins earlier: its last 200 messages are shown at most, fewer where they are long (256 kB).
    has_earlier: bool,
    /// Oldest first.
    messages: Vec<SharedMessageView>,
}

/// A message of a shared branch.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedMessage)]
struct SharedMessageView {
    role: MessageRole,
    /// Markdown, as it stood when the link was made or moved.
    content: String,
    /// Whether it is an answer that had broken off then.
    is_cut: bool,
    /// The model that answered.
    #[schema(required = true)]
    model: Option<String>,
}

impl From<&SharedBranch> for SharedView {
    fn from(shared: &SharedBranch) -> Self {
        let message = |message: &SharedMessage| SharedMessageView {
            role: message.role.into(),
            content: message.content.clone(),
            is_cut: message.is_cut,
            model: message.model.clone(),
        };
        Self {
            title: shared.title.clone(),
            revision: shared.revision,
            has_earlier: shared.has_earlier,
            messages: shared.messages.iter().map(message).collect(),
        }
    }
}

/// Show a branch of a session to others, as it stands. 409 `generation_in_progress` while an answer in it is on its way, 409 `too_many_shares` with
/// 100 links.
#[utoipa::path(
    post, path = OF_SESSION, tag = "shares", operation_id = "create_share", request_body = NewShare, params(SessionPath),
    responses((status = 201, body = ShareView), Problem)
)]
async fn create(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    let client = request.client;
    let NewShare { leaf_id, expires_in } = request.json(0).await?;
    let leaf = leaf(&leaf_id)?;
    let life = expires_in.map(ShareLife::from_seconds).transpose()?;
    let own = shares::create(&app, &caller, client, id, leaf, life).await?;
    Ok(response::json(StatusCode::CREATED, &ShareView::of(&app, &own)))
}

/// The links to a session that show something.
#[utoipa::path(
    get, path = OF_SESSION, tag = "shares", operation_id = "list_session_shares", params(SessionPath),
    responses((status = 200, body = ShareList), Problem)
)]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    listed(&app, &shares::list(&app, &caller, Some(id)).await?)
}

/// All of one's own links that show something.
#[utoipa::path(
    get, path = OWN, tag = "shares", operation_id = "list_shares",
    responses((status = 200, body = ShareList), Problem)
)]
async fn list_all(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    listed(&app, &shares::list(&app, &caller, None).await?)
}

fn listed(app: &App, own: &[OwnShare]) -> HandlerResult {
    let shares = own.iter().map(|own| ShareView::of(app, own)).collect();
    Ok(response::json(StatusCode::OK, &ShareList { shares }))
}

/// Move a link to another branch of its session under the same address, or let it end at another time.
#[utoipa::path(
    patch, path = ONE, tag = "shares", operation_id = "change_share", request_body = ChangedShare, params(SharePath),
    responses((status = 200, body = ShareView), Problem)
)]
async fn change(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SharePath { id, share_id } = share_path(&request)?;
    let client = request.client;
    let ChangedShare { revision, leaf_id, expires_in } = request.json(0).await?;
    let change = Change {
        revision,
        leaf: leaf_id.as_deref().map(leaf).transpose()?,
        life: expires_in.map(ShareLife::from_seconds).transpose()?,
    };
    let own = shares::change(&app, &caller, client, id, share_id, change).await?;
    Ok(response::json(StatusCode::OK, &ShareView::of(&app, &own)))
}

/// End a link. Caches may show it for a minute more.
#[utoipa::path(
    delete, path = ONE, tag = "shares", operation_id = "revoke_share", params(SharePath),
    responses((status = 200, body = RevokedShare), Problem)
)]
async fn revoke(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SharePath { id, share_id } = share_path(&request)?;
    shares::revoke(&app, &caller, id, share_id).await?;
    Ok(response::json(StatusCode::OK, &RevokedShare { id: share_id.to_string() }))
}

/// What a link shows, for whoever has it. It may be kept for a minute.
#[utoipa::path(
    get, path = SHARED, tag = "shares", operation_id = "read_share", security(()),
    params(("token" = String, Path, description = "What stands in the link's address after `/s/`")),
    responses((status = 200, body = SharedView), Problem)
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let shared = shares::read(&app, request.client, token(&request)).await?;
    let mut response = response::json(StatusCode::OK, &SharedView::from(&*shared));
    of_a_share(response.headers_mut());
    Ok(response)
}

/// Make a session of one's own of what a link shows: its last 200 messages at most. It is charged as a message. Under an `Idempotency-Key` it is made once.
#[utoipa::path(
    post, path = CONTINUE, tag = "shares", operation_id = "continue_share",
    params(
        ("token" = String, Path, description = "What stands in the link's address after `/s/`"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name under which the request may be repeated"),
    ),
    responses((status = 201, body = SessionView), Problem)
)]
async fn go_on(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let wanted = Wanted {
        caller,
        client: request.client,
        token: token(&request).to_owned(),
        key: request.idempotency_key()?,
        proof: request.proof_of_work().map(str::to_owned),
    };
    let session = shares::copy(&app, wanted).await?;
    Ok(response::json(StatusCode::CREATED, &SessionView::from(&session)))
}

/// The same as a page that says what it is where it is named elsewhere (Open Graph). Errors are pages, too.
#[utoipa::path(
    get, path = PAGE, tag = "shares", operation_id = "open_share", security(()),
    params(("token" = String, Path, description = "What the link was given")),
    responses((status = 200, content((String = "text/html"))), PageProblem)
)]
async fn page(app: App, request: Request) -> HandlerResult {
    let shown = shares::read(&app, request.client, token(&request)).await;
    let shared = shown.map_err(|error| Problem::from(error).for_a_person())?;
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
    let mut response = shared_page::shown(&shared, token(&request), app.config.public_origin.as_ref(), accepted);
    of_a_share(response.headers_mut());
    Ok(response)
}

/// What an answer about a link says to caches, to what gathers pages, and to what gathers texts.
fn of_a_share(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    headers::text(headers, "x-robots-tag", "noindex");
    headers::text(headers, "x-ai-generated", "true");
}

/// The link in the path. What cannot be an id is answered as an id that does not exist.
fn share_path(request: &Request) -> Result<SharePath, Problem> {
    let SessionPath { id } = request.session_path()?;
    let share_id = request.path_value("share_id").and_then(|value| ShareId::parse(value).ok());
    Ok(SharePath { id, share_id: share_id.ok_or_else(Problem::not_found)? })
}

fn token(request: &Request) -> &str {
    request.path_value("token").unwrap_or_default()
}

fn leaf(text: &str) -> Result<MessageId, Problem> {
    MessageId::parse(text).map_err(|_| Problem::not_a_message_id("leaf_id"))
}

/// An error of the page: a page, unless the chat is off.
pub(crate) struct PageProblem;

impl IntoResponses for PageProblem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let response = || {
            let json = Content::new(Some(Ref::from_schema_name(ProblemView::name())));
            let page = Content::new(Some(String::schema()));
            ResponseBuilder::new().content("text/html", page).content("application/json", json).build().into()
        };
        ["4XX", "5XX"].into_iter().map(|status| (status.to_owned(), response())).collect()
    }
}
