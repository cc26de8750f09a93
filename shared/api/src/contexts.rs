//! `/chat/context`: what a caller wants the model to know of them, and how it should answer.

use application::{App, contexts};
use domain::{Task, UserContext};
use http::{HeaderMap, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::names::TaskStatus;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

const CONTEXT: &str = "/api/v1/chat/context";

/// The longest body in bytes: the longest texts with each character as an escape, and what stands around them.
const MOST_BYTES: usize = 96 * 1024;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::GET, CONTEXT, |app, request| Box::pin(read(app, request))),
    Endpoint::chat(Method::PUT, CONTEXT, |app, request| Box::pin(write(app, request))),
];

/// What somebody wants the model to know, and how it should answer. All texts together have at most 10,000 bytes.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = UserContext)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ContextView {
    /// How the model should answer, unless it contradicts what the operator says: 1 to 1,000 characters.
    #[schema(max_length = 1000)]
    instructions: Option<String>,
    preferences: PreferencesView,
    /// What there is to do, the oldest first. Where all of it is too much for a message, the oldest that are done are left out first.
    #[schema(max_items = 50)]
    tasks: Vec<TaskView>,
    /// What the caller belongs to.
    #[schema(max_items = 20)]
    groups: Vec<GroupView>,
}

/// How somebody wants to be spoken to, each in at most 100 characters.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Preferences)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PreferencesView {
    #[schema(max_length = 100)]
    language: Option<String>,
    #[schema(max_length = 100)]
    tone: Option<String>,
    /// What they are called.
    #[schema(max_length = 100)]
    name: Option<String>,
}

/// Something to do.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Task)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskView {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    status: TaskStatus,
    /// The day, as `2026-12-31`.
    #[serde(default)]
    #[schema(format = Date)]
    due: Option<String>,
}

/// A group of people.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Group)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupView {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

impl From<UserContext> for ContextView {
    fn from(context: UserContext) -> Self {
        let UserContext { instructions, language, tone, name, tasks, groups } = context;
        let task = |task: Task| TaskView {
            title: task.title,
            status: task.status.into(),
            due: task.due.map(|due| due.to_string()),
        };
        Self {
            instructions,
            preferences: PreferencesView { language, tone, name },
            tasks: tasks.into_iter().map(task).collect(),
            groups: groups.into_iter().map(|name| GroupView { name }).collect(),
        }
    }
}

impl ContextView {
    fn checked(self) -> Result<UserContext, Problem> {
        let PreferencesView { language, tone, name } = self.preferences;
        let due =
            |at: usize, text: &str| Task::due(text).ok_or_else(|| Problem::not_a_day(&format!("tasks[{at}].due")));
        let task = |(at, task): (usize, TaskView)| {
            let due = task.due.as_deref().map(|text| due(at, text)).transpose()?;
            Ok(Task { title: task.title, status: task.status.into(), due })
        };
        let context = UserContext {
            instructions: self.instructions,
            language,
            tone,
            name,
            tasks: self.tasks.into_iter().enumerate().map(task).collect::<Result<_, Problem>>()?,
            groups: self.groups.into_iter().map(|group| group.name).collect(),
        };
        Ok(context.checked()?)
    }
}

/// What the model is told of the caller with each message of theirs. Of who has written nothing it is empty.
#[utoipa::path(
    get, path = CONTEXT, tag = "context", operation_id = "read_context",
    responses((status = 200, body = ContextView, headers(("ETag" = String, description = "Of this version"))), Problem)
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let kept = contexts::read(&app, &caller).await?;
    Ok(tagged(kept.context, &kept.tag))
}

/// Say it all anew. With `If-Match` only in the place of that version: 412 `precondition_failed` where another one is there. Answers to messages of before
/// stay what they are.
#[utoipa::path(
    put, path = CONTEXT, tag = "context", operation_id = "write_context", request_body = ContextView,
    params(("If-Match" = Option<String>, Header, description = "`ETag`s of versions that it may take the place of")),
    responses((status = 200, body = ContextView, headers(("ETag" = String, description = "Of this version"))), Problem)
)]
async fn write(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let tags = tags(request.headers());
    let client = request.client;
    let input: ContextView = request.json_within(MOST_BYTES).await?;
    let context = input.checked()?;
    let tag = contexts::write(&app, &caller, client, &context, tags.as_deref()).await?;
    Ok(tagged(context, &tag))
}

fn tagged(context: UserContext, tag: &str) -> http::Response<response::Body> {
    let mut response = response::json(StatusCode::OK, &ContextView::from(context));
    headers::text(response.headers_mut(), "etag", &format!("\"{tag}\""));
    response
}

/// The tags of `If-Match`; `None`: there is no such header, or it asks for any version, and there always is one.
fn tags(headers: &HeaderMap) -> Option<Vec<String>> {
    let tags: Vec<String> =
        headers::tags(headers, header::IF_MATCH).map(|tag| tag.trim_matches('"').to_owned()).collect();
    (headers.contains_key(header::IF_MATCH) && tags.iter().all(|tag| tag != "*")).then_some(tags)
}
