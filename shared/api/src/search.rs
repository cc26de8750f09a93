//! `/chat/search`: where a text stands in one's own sessions.

use application::App;
use application::search::{self as searching, FoundSession, Hit};
use domain::{SearchPlace, SearchText};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::MessageRole;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;
use crate::sessions::SessionView;

const SEARCH: &str = "/api/v1/chat/search";

/// The longest cursor: a number and two ids.
const CURSOR_CHARS: usize = 100;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::POST, SEARCH, |app, request| Box::pin(search(app, request)))];

/// What is looked for. It stands in no address, for platforms log those.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// 2 to 100 characters, taken as they are but for upper and lower case.
    q: String,
    /// `next_cursor` of the page before; without one, from the newest on.
    cursor: Option<String>,
}

/// A page of a search. It looks at 50 sessions, at 5,000 messages and at 2 MB of text at most, so it may be empty and not the last.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchResult {
    /// Newest activity first. A long session may stand on two pages.
    sessions: Vec<FoundSessionView>,
    /// `cursor` of the next page; `null`: there is none.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// A session whose title or messages contain the text.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundSession)]
struct FoundSessionView {
    session: SessionView,
    /// The newest three of the page, newest first, whatever their branch; none where it is the title.
    hits: Vec<HitView>,
}

/// A message that contains the text.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchHit)]
struct HitView {
    #[schema(format = Uuid)]
    message_id: String,
    role: MessageRole,
    #[schema(format = DateTime)]
    created_at: String,
    /// At most 60 characters before the text.
    before: String,
    /// The text, as it stands there.
    text: String,
    /// At most 60 characters after it.
    after: String,
}

impl From<&FoundSession> for FoundSessionView {
    fn from(found: &FoundSession) -> Self {
        Self { session: SessionView::from(&found.session), hits: found.hits.iter().map(HitView::from).collect() }
    }
}

impl From<&Hit> for HitView {
    fn from(hit: &Hit) -> Self {
        Self {
            message_id: hit.message.to_string(),
            role: hit.role.into(),
            created_at: hit.created_at.to_string(),
            before: hit.before.clone(),
            text: hit.text.clone(),
            after: hit.after.clone(),
        }
    }
}

/// Look for a text in the titles and messages of one's own sessions, ten pages a minute.
#[utoipa::path(
    post, path = SEARCH, tag = "sessions", operation_id = "search", request_body = Search,
    responses((status = 200, body = SearchResult), Problem)
)]
async fn search(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let client = request.client;
    let input: Search = request.json(SearchText::MOST_CHARS + CURSOR_CHARS).await?;
    let text = SearchText::parse(&input.q)?;
    let place = input.cursor.as_deref().map(SearchPlace::parse).transpose()?;
    let page = searching::search(&app, &caller, client, &text, place).await?;
    let view = SearchResult {
        sessions: page.sessions.iter().map(FoundSessionView::from).collect(),
        next_cursor: page.next.map(|next| next.to_string()),
    };
    Ok(response::json(StatusCode::OK, &view))
}
