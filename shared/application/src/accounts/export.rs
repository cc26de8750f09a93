//! All that somebody has, to take away: line by line, as it is read.

use bytes::Bytes;
use domain::{MessageId, SessionId, User, UserContext};
use infrastructure::StoreError;
use infrastructure::postgres::{ExportBounds, ExportPage, Exported, ExportedSession};
use platform::{BodyWriter, Level, ReaderBody, ReaderLeft};

use crate::App;

/// What one statement reads.
const PAGE: ExportBounds = ExportBounds { rows: 200, bytes: 128 * 1024 };

/// Bytes after which a request ends, its last page apart. With [`PAGES`] this keeps it within the 10 ms of processor time that Cloudflare's free
/// plan gives: `cargo xtask bench accounts` measures it. The last line says where to go on.
const BYTES: usize = 256 * 1024;

/// Statements of one request, at most.
const PAGES: u32 = 2;

/// A place in an export: after this session, and this message of it.
pub type Place = (SessionId, Option<MessageId>);

/// How lines are written: the words are the API's.
#[derive(Clone, Copy)]
pub struct Lines {
    /// What the model should know, at the beginning; of a document with nothing in it there is no line.
    pub context: fn(&UserContext) -> String,
    /// A session, before its messages.
    pub session: fn(&ExportedSession) -> String,
    /// A message.
    pub message: fn(&Exported) -> Option<String>,
    /// The last line: there is more after this place.
    pub next: fn(Place) -> String,
    /// The last line: that was all.
    pub end: fn() -> String,
}

/// Begins an export after a place. A body that breaks off has neither of the last lines.
///
/// # Errors
/// [`StoreError`] for the first page; what fails later breaks the body off.
pub async fn export(app: &App, caller: &User, after: Option<Place>, lines: Lines) -> Result<ReaderBody, StoreError> {
    let first = app.postgres.export_page(caller, after, PAGE).await?;
    let context = match after {
        None => {
            Some(app.postgres.read_context(caller).await?.context).filter(|context| *context != UserContext::default())
        }
        Some(_) => None,
    };
    let beginning = context.map(|context| (lines.context)(&context) + "\n").unwrap_or_default();
    let (reader, writer) = app.platform.bodies.open();
    let (app, caller) = (app.clone(), *caller);
    let tasks = std::rc::Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move {
        let mut writer = writer;
        match write(&app, &caller, after, (beginning, first), lines, &mut *writer).await {
            Ok(true) => writer.close().await,
            Ok(false) | Err(ReaderLeft) => drop(writer),
        }
    }));
    Ok(reader)
}

/// `false`: a store gave no answer.
async fn write(
    app: &App,
    caller: &User,
    after: Option<Place>,
    (beginning, first): (String, ExportPage),
    lines: Lines,
    writer: &mut dyn BodyWriter,
) -> Result<bool, ReaderLeft> {
    let (mut page, mut pages, mut bytes, mut text) = (first, 1, 0, beginning);
    // The session of an export that goes on was told in the one before.
    let mut told = after.filter(|(_, message)| message.is_some()).map(|(session, _)| session);
    loop {
        text += &text_of(&page, &mut told, lines);
        bytes += text.len();
        let next = page.next();
        let last = match next {
            None => Some((lines.end)()),
            Some(place) if pages >= PAGES || bytes >= BYTES => Some((lines.next)(place)),
            Some(_) => None,
        };
        if let Some(last) = &last {
            text += last;
            text.push('\n');
        }
        writer.write(Bytes::from(std::mem::take(&mut text))).await?;
        if last.is_some() {
            return Ok(true);
        }
        page = match app.postgres.export_page(caller, next, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                app.log_cause(Level::Warn, "export broken off", &error);
                return Ok(false);
            }
        };
        pages += 1;
    }
}

/// The lines of a page. `told`: the session that was told last.
fn text_of(page: &ExportPage, told: &mut Option<SessionId>, lines: Lines) -> String {
    let mut text = String::new();
    for row in &page.rows {
        if let Some(session) = row.session.as_ref().filter(|session| *told != Some(session.session.id)) {
            text += &(lines.session)(session);
            text.push('\n');
            *told = Some(session.session.id);
        }
        if let Some(message) = (lines.message)(row) {
            text += &message;
            text.push('\n');
        }
    }
    text
}
