//! All that somebody has, to take away: line by line, as it is read.

use bytes::Bytes;
use domain::{Message, MessageId, SessionId, User};
use infrastructure::StoreError;
use infrastructure::postgres::Exported;
use platform::{BodyWriter, Level, ReaderBody, ReaderLeft};

use crate::App;

/// Rows of one statement.
const PAGE: u32 = 200;

/// Statements of one request: Cloudflare's free plan allows 50 calls. The last line says where to go on.
const PAGES: u32 = 40;

/// A place in an export: after this session, and this message of it.
pub type Place = (SessionId, Option<MessageId>);

/// How lines are written: the words are the API's.
#[derive(Clone, Copy)]
pub struct Lines {
    /// A session, before its messages.
    pub session: fn(&Exported) -> String,
    /// A message.
    pub message: fn(&Message) -> String,
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
    let (reader, writer) = app.platform.bodies.open();
    let (app, caller) = (app.clone(), *caller);
    let tasks = std::rc::Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move {
        let mut writer = writer;
        match write(&app, &caller, after, first, lines, &mut *writer).await {
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
    first: Vec<Exported>,
    lines: Lines,
    writer: &mut dyn BodyWriter,
) -> Result<bool, ReaderLeft> {
    let (mut rows, mut pages) = (first, 1);
    // The session of an export that goes on was told in the one before.
    let mut told = after.filter(|(_, message)| message.is_some()).map(|(session, _)| session);
    loop {
        let mut text = String::new();
        for row in &rows {
            if told != Some(row.session.id) {
                text += &(lines.session)(row);
                text.push('\n');
                told = Some(row.session.id);
            }
            if let Some(message) = &row.message {
                text += &(lines.message)(message);
                text.push('\n');
            }
        }
        let place =
            rows.last().filter(|_| u32::try_from(rows.len()).is_ok_and(|rows| rows >= PAGE)).map(Exported::cursor);
        let last = match place {
            None => Some((lines.end)()),
            Some(place) if pages >= PAGES => Some((lines.next)(place)),
            Some(_) => None,
        };
        if let Some(last) = &last {
            text += last;
            text.push('\n');
        }
        writer.write(Bytes::from(text)).await?;
        if last.is_some() {
            return Ok(true);
        }
        rows = match app.postgres.export_page(caller, place, PAGE).await {
            Ok(rows) => rows,
            Err(error) => {
                app.log_cause(Level::Warn, "export broken off", &error);
                return Ok(false);
            }
        };
        pages += 1;
    }
}
