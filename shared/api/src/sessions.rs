//! `/chat/sessions`: a caller's own sessions.

use application::{App, sessions};
use domain::{Message, MessageId, Session, SessionTitle};
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::names::{MessageRole, MessageStatus, Vote};
use crate::problem::Problem;
use crate::request::{Request, SessionPath};
use crate::response;

const COLLECTION: &str = "/api/v1/chat/sessions";
const ONE: &str = "/api/v1/chat/sessions/{id}";

/// The last page of the list that can be asked for: beyond any that has something on it.
const LAST_PAGE: u32 = 1_000_000;

/// Sessions or messages on a page: as many as are asked for, up to the most; of each kind, where nothing is said. The
/// document has the same numbers: its attributes take literals only.
const MOST_PER_PAGE: u32 = 100;
const SESSIONS_PER_PAGE: u32 = 20;
const MESSAGES_PER_PAGE: u32 = 50;

/// What the tag of a list begins with: another number with each change of [`SessionList`] or [`SessionView`], so that no tag of before names what
/// looks different now.
const FORM: &str = "1.";

/// What follows it: an MD5 in hexadecimal digits.
const TAG_DIGITS: usize = 32;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, COLLECTION, |app, request| Box::pin(create(app, request))),
    Endpoint::chat(Method::GET, COLLECTION, |app, request| Box::pin(list(app, request))),
    Endpoint::chat(Method::GET, ONE, |app, request| Box::pin(read(app, request))),
    Endpoint::chat(Method::PATCH, ONE, |app, request| Box::pin(change(app, request))),
    Endpoint::chat(Method::DELETE, ONE, |app, request| Box::pin(delete(app, request))),
    Endpoint::chat(Method::POST, "/api/v1/chat/sessions/{id}/restore", |app, request| Box::pin(restore(app, request))),
];

/// A new session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    /// 1 to 255 characters; without one, the first message makes it.
    title: Option<String>,
}

/// What is to be different; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionChange {
    /// 1 to 255 characters.
    title: Option<String>,
    /// Whether it stands above the others in the list. This is no activity.
    pinned: Option<bool>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    #[schema(format = Uuid)]
    id: String,
    /// `null` until the first message.
    #[schema(required = true)]
    title: Option<String>,
    /// The model that was chosen for it; `null`: the first of `/config` is asked.
    #[schema(required = true)]
    model: Option<String>,
    /// Whether it stands above the others in the list.
    pinned: bool,
    #[schema(format = DateTime)]
    created_at: String,
    /// When somebody last wrote or renamed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            title: session.title.clone(),
            model: session.model.clone(),
            pinned: session.pinned,
            created_at: session.created_at.to_string(),
            updated_at: session.updated_at.to_string(),
        }
    }
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionList {
    sessions: Vec<SessionView>,
    /// On all pages.
    total: u64,
    /// Counted from 1.
    page: u32,
    total_pages: u64,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageView {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    session_id: String,
    /// The message it answers or follows.
    #[schema(required = true, format = Uuid)]
    parent_id: Option<String>,
    /// Who speaks.
    role: MessageRole,
    /// Markdown.
    content: String,
    /// How far it has come.
    status: MessageStatus,
    /// The model that answered.
    #[schema(required = true)]
    model: Option<String>,
    /// Tokens of an answer.
    #[schema(required = true)]
    token_count: Option<u64>,
    #[schema(format = DateTime)]
    created_at: String,
    /// What its reader thinks of an answer.
    #[schema(required = true)]
    vote: Option<Vote>,
}

impl From<&Message> for MessageView {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            session_id: message.session_id.to_string(),
            parent_id: message.parent_id.map(|parent| parent.to_string()),
            role: message.role.into(),
            content: message.content.clone(),
            status: message.status.into(),
            model: message.model.clone(),
            token_count: message.token_count,
            created_at: message.created_at.to_string(),
            vote: message.vote.map(Vote::from),
        }
    }
}

/// A session with a page of its messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenedSessionView {
    session: SessionView,
    /// Oldest first.
    messages: Vec<MessageView>,
    /// `before` of the next older page; `null`: there is none.
    #[schema(required = true, format = Uuid)]
    next_before: Option<String>,
}

/// A deleted session.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletedSession {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = DateTime)]
    deleted_at: String,
}

/// Start an empty session.
#[utoipa::path(
    post, path = COLLECTION, tag = "sessions", operation_id = "create_session", request_body = NewSession,
    responses(
        (status = 201, body = SessionView, headers(("Location" = String, description = "The session's address"))),
        Problem,
    )
)]
async fn create(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let input: NewSession = request.json(SessionTitle::MAX_CHARS).await?;
    let title = input.title.as_deref().map(SessionTitle::parse).transpose()?;
    let session = sessions::create(&app, &caller, title.as_ref()).await?;
    let mut response = response::json(StatusCode::CREATED, &SessionView::from(&session));
    if let Ok(location) = HeaderValue::from_str(&format!("{COLLECTION}/{}", session.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// One's own sessions: those that are pinned, then the others, each newest activity first. A page may be asked for again by its `ETag`.
#[utoipa::path(
    get, path = COLLECTION, tag = "sessions", operation_id = "list_sessions",
    params(
        ("page" = Option<u32>, Query, description = "Counted from 1", minimum = 1, maximum = 1_000_000),
        ("per_page" = Option<u32>, Query, description = "20 unless said", minimum = 1, maximum = 100),
        ("If-None-Match" = Option<String>, Header, description = "`ETag`s of this page that are known"),
    ),
    responses(
        (status = 200, body = SessionList, headers(("ETag" = String, description = "Of this page, as it is for this caller"))),
        (status = 304, description = "It is as the caller knows it"),
        Problem,
    )
)]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let page = request.query_number("page", 1, 1, LAST_PAGE)?;
    let per_page = request.query_number("per_page", SESSIONS_PER_PAGE, 1, MOST_PER_PAGE)?;
    let tags = headers::tags(request.headers(), header::IF_NONE_MATCH);
    let known: Vec<&str> = tags.filter_map(|tag| if tag == "*" { Some(tag) } else { own_tag(tag) }).collect();
    let found = sessions::list(&app, &caller, page, per_page, known.join(",")).await?;
    let mut response = if found.is_known {
        response::not_modified()
    } else {
        let view = SessionList {
            sessions: found.sessions.iter().map(SessionView::from).collect(),
            total: found.total,
            page,
            total_pages: found.total.div_ceil(u64::from(per_page)),
        };
        response::json(StatusCode::OK, &view)
    };
    headers::text(response.headers_mut(), "etag", &format!("\"{FORM}{}\"", found.tag));
    Ok(response)
}

/// What follows [`FORM`] in a tag that a list may have; of any other the database need not hear.
fn own_tag(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_prefix(FORM)?.strip_suffix('"').filter(|tag| tag.len() == TAG_DIGITS)
}

/// A session and its messages, newest page first.
#[utoipa::path(
    get, path = ONE, tag = "sessions", operation_id = "read_session",
    params(
        SessionPath,
        ("before" = Option<String>, Query, description = "Only messages before this one", format = Uuid),
        ("limit" = Option<u32>, Query, description = "At most so many: 50 unless said, fewer where they are long (256 kB)", minimum = 1, maximum = 100),
    ),
    responses(
        (status = 200, body = OpenedSessionView),
        Problem,
    )
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    let limit = request.query_number("limit", MESSAGES_PER_PAGE, 1, MOST_PER_PAGE)?;
    let before = match request.query("before") {
        Some(text) => Some(MessageId::parse(&text).map_err(|_| Problem::not_a_message_id("before"))?),
        None => None,
    };
    let opened = sessions::read(&app, &caller, id, before, limit).await?;
    let view = OpenedSessionView {
        session: SessionView::from(&opened.thread.session),
        messages: opened.thread.messages.iter().map(MessageView::from).collect(),
        next_before: opened.next_before.map(|id| id.to_string()),
    };
    Ok(response::json(StatusCode::OK, &view))
}

/// Rename a session, pin it, or let it go; 409 `too_many_pinned`: 20 others are pinned.
#[utoipa::path(
    patch, path = ONE, tag = "sessions", operation_id = "change_session", request_body = SessionChange,
    params(SessionPath),
    responses(
        (status = 200, body = SessionView),
        Problem,
    )
)]
async fn change(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    let SessionChange { title, pinned } = request.json(SessionTitle::MAX_CHARS).await?;
    let title = title.as_deref().map(SessionTitle::parse).transpose()?;
    let session = sessions::change(&app, &caller, id, title.as_ref(), pinned).await?;
    Ok(response::json(StatusCode::OK, &SessionView::from(&session)))
}

/// Delete a session; it can be restored.
#[utoipa::path(
    delete, path = ONE, tag = "sessions", operation_id = "delete_session",
    params(SessionPath),
    responses(
        (status = 200, body = DeletedSession),
        Problem,
    )
)]
async fn delete(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    let deleted_at = sessions::delete(&app, &caller, id).await?;
    Ok(response::json(StatusCode::OK, &DeletedSession { id: id.to_string(), deleted_at: deleted_at.to_string() }))
}

/// Undo a deletion; 410 `gone`: it is so long ago that nothing is left.
#[utoipa::path(
    post, path = "/api/v1/chat/sessions/{id}/restore", tag = "sessions", operation_id = "restore_session",
    params(SessionPath),
    responses(
        (status = 200, body = SessionView),
        Problem,
    )
)]
async fn restore(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let SessionPath { id } = request.session_path()?;
    let session = sessions::restore(&app, &caller, id).await?;
    Ok(response::json(StatusCode::OK, &SessionView::from(&session)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_another_form_has_another_tag() {
        let (id, moment) = ("1".to_owned(), "2026-11-29T12:00:00Z".to_owned());
        let session =
            SessionView { id, title: None, model: None, pinned: true, created_at: moment.clone(), updated_at: moment };
        let list = SessionList { sessions: vec![session], total: 1, page: 1, total_pages: 1 };
        let moments = r#""created_at":"2026-11-29T12:00:00Z","updated_at":"2026-11-29T12:00:00Z""#;
        let sessions = format!(r#"[{{"id":"1","title":null,"model":null,"pinned":true,{moments}}}]"#);
        let written = format!(r#"{{"sessions":{sessions},"total":1,"page":1,"total_pages":1}}"#);
        assert_eq!(
            (FORM, serde_json::to_string(&list).unwrap()),
            ("1.", written),
            "a change of one is one of the other"
        );
    }
}
