//! `/chat/import`: chats that come in from files, part by part.

use application::App;
use application::imports::{self, Part};
use domain::{IMPORTED_BYTES, IMPORTED_CHARS, ImportedMessage, MessageText, SessionId, SessionTitle};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::Speaker;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;
use crate::sessions::SessionView;

const IMPORT: &str = "/api/v1/chat/import";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::POST, IMPORT, |app, request| Box::pin(import(app, request)))];

/// Bytes of a part, its JSON included. What a day may bring is reckoned with it (`application::imports`).
const PART_BYTES: usize = 160 * 1024;

/// Messages of a part, at most.
const PART_MESSAGES: usize = 200;

/// Characters of a model's name, at most.
const MODEL_CHARS: usize = 100;

/// A part of a chat.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// A UUIDv7 that the client makes, one for each chat. Parts of the same chat have the same; what comes twice under it is there once.
    #[schema(format = Uuid)]
    import_id: String,
    /// 1 to 255 characters, of the first part.
    title: Option<String>,
    /// Whether the chat is pinned, as far as there is room for it; of the first part.
    #[serde(default)]
    pinned: bool,
    /// The number of the first message of this part: 0 for the first part, else as many as came in before.
    #[serde(default)]
    #[schema(maximum = 9_999)]
    first: u32,
    /// 1 to 200, each after the one that it follows.
    #[schema(min_items = 1, max_items = 200)]
    messages: Vec<NewImportedMessage>,
}

/// A message that comes in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImportedMessage {
    /// The number of the message that it follows, counted from the chat's first; none: it begins a branch.
    parent: Option<u32>,
    /// Who speaks.
    role: Speaker,
    /// Markdown, at most 32,000 bytes of it.
    #[schema(min_length = 1, max_length = 20_000)]
    content: String,
    /// Whether it is an answer that had broken off.
    #[serde(default)]
    is_cut: bool,
    /// The model that answered.
    #[schema(max_length = 100)]
    model: Option<String>,
    /// When it was said, in seconds since 1970; without it, now.
    said_at: Option<u32>,
}

/// A part that is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedPart {
    session: SessionView,
    /// How many messages have come in: `first` of the next part.
    next: u32,
}

/// Bring a chat in from a file, in parts of at most 160 kB. Nothing is charged; what comes in counts as what is kept. 16 parts a day of a guest, 48 from one address; 128 of an account. One that is refused is counted, too.
#[utoipa::path(
    post, path = IMPORT, tag = "sessions", operation_id = "import_chat", request_body = NewImport,
    responses((status = 200, body = ImportedPart), Problem)
)]
async fn import(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let client = request.client;
    let NewImport { import_id, title, pinned, first, messages } = request.json_within(PART_BYTES).await?;
    let import = SessionId::parse(&import_id).map_err(|_| Problem::no_import())?;
    let title = title.as_deref().map(SessionTitle::parse).transpose()?;
    if messages.len() > PART_MESSAGES {
        return Err(Problem::no_part());
    }
    let messages: Vec<_> =
        messages.into_iter().enumerate().map(|(at, message)| read(at, message)).collect::<Result<_, _>>()?;
    let part = Part { import, title, pinned, first, messages };
    let session = imports::part(&app, &caller, client, &part).await?;
    let next = first.saturating_add(u32::try_from(part.messages.len()).unwrap_or(u32::MAX));
    Ok(response::json(StatusCode::OK, &ImportedPart { session: SessionView::from(&session), next }))
}

fn read(at: usize, message: NewImportedMessage) -> Result<ImportedMessage, Problem> {
    let NewImportedMessage { parent, role, content, is_cut, model, said_at } = message;
    let wrong = |field: &str, words: &str| Problem::invalid_field(&format!("messages[{at}].{field}"), words);
    let text = MessageText::parse(&content, IMPORTED_CHARS).ok().filter(|text| text.as_str().len() <= IMPORTED_BYTES);
    let text = text.ok_or_else(|| {
        let words = "A message must have 1 to 20000 characters in at most 32000 bytes, and one must be seen.";
        wrong("content", words)
    })?;
    // The database takes no NUL.
    let is_name = |name: &String| name.chars().count() <= MODEL_CHARS && !name.chars().any(char::is_control);
    if !model.as_ref().is_none_or(is_name) {
        return Err(wrong("model", "A model's name must have at most 100 characters."));
    }
    Ok(ImportedMessage {
        parent,
        role: role.into(),
        text,
        // A question is whole.
        is_cut: is_cut && matches!(role, Speaker::Assistant),
        model,
        said_at: said_at.and_then(|seconds| Timestamp::from_second(i64::from(seconds)).ok()),
    })
}
