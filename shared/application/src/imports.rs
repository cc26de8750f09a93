//! A chat that comes in from a file, part by part.
//!
//! Its client names the whole import by an id of its own. The ids of the session and its messages follow from that and from who asks, so a part that is sent
//! twice is there once.

use std::net::IpAddr;

use domain::{
    IMPORTED_MESSAGES, ImportedMessage, MessageId, Role, Session, SessionId, SessionTitle, StorageFull, User,
};
use hmac::Mac;
use infrastructure::StoreError;
use infrastructure::postgres::{Imported, NewPart, PlacedMessage};
use jiff::{SignedDuration, Timestamp};

use crate::mac::mac;
use crate::tries::{IMPORTS, IMPORTS_OF_GUEST, IMPORTS_OF_UNVERIFIED, Try, TryError};
use crate::{App, SessionError, guests, storage};

/// Why a part did not come in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It names no import: the id has no moment, or one that is still to come.
    #[error("no id of an import")]
    NoImport,
    /// It has no message, or goes beyond the last one.
    #[error("no part of a chat")]
    NoPart,
    /// The message that this one, counted within the part, follows does not stand before it.
    #[error("no parent")]
    NoParent(usize),
    /// Too many came in lately, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// The session is not there, or must not be.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Session(error.into())
    }
}

/// A part of a chat.
#[derive(Clone, Debug)]
pub struct Part {
    /// The import, as its client names it.
    pub import: SessionId,
    /// The chat's title; only that of the first part counts.
    pub title: Option<SessionTitle>,
    /// Whether it is pinned, where there is room for it; only what the first part says counts.
    pub pinned: bool,
    /// The number of its first message, counted from the chat's first.
    pub first: u32,
    /// Its messages.
    pub messages: Vec<ImportedMessage>,
}

/// How far a client's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Writes a part, and with the first one its session.
///
/// # Errors
/// [`ImportError`].
pub async fn part(app: &App, caller: &User, client: Option<IpAddr>, part: &Part) -> Result<Session, ImportError> {
    let ids = Ids::of(app, caller, part.import).ok_or(ImportError::NoImport)?;
    let placed = placed(&ids, part)?;
    guests::check_caller(app, caller).await?;
    let rule = match caller.role {
        _ if caller.stands_alone() => IMPORTS,
        Role::Guest => IMPORTS_OF_GUEST,
        Role::User | Role::Admin => IMPORTS_OF_UNVERIFIED,
    };
    let tried = Try::of_user(app, rule, client, caller.id).alone_if(caller.stands_alone());
    tried.count().await?;
    let limits = app.config.storage;
    let limit = limits.of_user(caller.role);
    let new = NewPart {
        session: ids.session(),
        title: part.title.as_ref(),
        pinned: part.pinned,
        before: part.first.checked_sub(1).map(|before| ids.message(before)),
        messages: &placed,
        most_bytes_of_user: limit,
        most_bytes: limits.full(),
        low_bytes: limits.low(),
    };
    let imported = app.postgres.import_part(caller, new).await;
    // What is refused has cost the stores as much as what comes in. What is chosen once more, to go on where a day's limit has ended it, is not held against
    // the next day.
    let is_no_try = match &imported {
        Ok(imported) => matches!(imported, Imported::Part { is_known: true, .. }),
        Err(error) => !error.is_refusal(),
    };
    if is_no_try {
        tried.forgive().await;
    }
    let full = match imported? {
        Imported::Part { session, is_storage_low, .. } => {
            storage::warn_if_low(app, Ok(is_storage_low));
            return Ok(session);
        }
        Imported::NoSuchSession => return Err(SessionError::NoSuchSession.into()),
        Imported::TooManySessions(cap) => return Err(SessionError::TooMany(cap).into()),
        Imported::UserFull => StorageFull::User { limit: limit.unwrap_or_default() },
        Imported::DatabaseFull => {
            storage::measure_later(app);
            StorageFull::Database
        }
    };
    Err(SessionError::NoSpace(full).into())
}

/// The part's messages with their ids and their parents'.
fn placed<'a>(ids: &Ids<'_>, part: &'a Part) -> Result<Vec<PlacedMessage<'a>>, ImportError> {
    let numbered = part.messages.iter().zip(part.first..IMPORTED_MESSAGES);
    let place = |(at, (message, number)): (usize, (&'a ImportedMessage, u32))| {
        let parent = match message.parent {
            Some(parent) if parent >= number => return Err(ImportError::NoParent(at)),
            parent => parent.map(|parent| ids.message(parent)),
        };
        Ok(PlacedMessage { id: ids.message(number), parent, message })
    };
    let placed: Vec<_> = numbered.enumerate().map(place).collect::<Result<_, _>>()?;
    let is_whole = !placed.is_empty() && placed.len() == part.messages.len();
    if is_whole { Ok(placed) } else { Err(ImportError::NoPart) }
}

/// The ids of one import's rows.
struct Ids<'a> {
    secret: &'a str,
    of: [u8; 32],
    begun_at: Timestamp,
}

impl<'a> Ids<'a> {
    fn of(app: &'a App, caller: &User, import: SessionId) -> Option<Self> {
        let begun_at = import.made_at().filter(|at| at.duration_since(app.platform.clock.now()) <= AHEAD)?;
        let mut of = [0; 32];
        of[..16].copy_from_slice(&caller.id.to_bytes());
        of[16..].copy_from_slice(&import.to_bytes());
        Some(Self { secret: &app.config.jwt_secret, of, begun_at })
    }

    fn session(&self) -> SessionId {
        SessionId::new(self.begun_at, self.tail("edgewise imported session", 0))
    }

    /// Ids sort as the messages are numbered, and before whatever is said in the session afterwards.
    fn message(&self, number: u32) -> MessageId {
        let before = i64::from(IMPORTED_MESSAGES) - i64::from(number);
        let at = self.begun_at.checked_sub(SignedDuration::from_millis(before)).unwrap_or(self.begun_at);
        MessageId::new(at, self.tail("edgewise imported message", number))
    }

    fn tail(&self, purpose: &str, number: u32) -> [u8; 10] {
        let of = [self.of.as_slice(), &number.to_be_bytes()].concat();
        let bytes = mac(self.secret, purpose, &of).map(|mac| mac.finalize().into_bytes());
        // HMAC takes keys of any length.
        bytes.and_then(|bytes| bytes.first_chunk().copied()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use domain::{MessageRole, MessageText};

    use super::*;

    fn ids() -> Ids<'static> {
        Ids { secret: "secret", of: [7; 32], begun_at: Timestamp::from_second(2_000_000_000).unwrap() }
    }

    fn messages(parents: &[Option<u32>]) -> Vec<ImportedMessage> {
        let message = |parent: &Option<u32>| ImportedMessage {
            parent: *parent,
            role: MessageRole::User,
            text: MessageText::parse("text", 10).unwrap(),
            is_cut: false,
            model: None,
            said_at: None,
        };
        parents.iter().map(message).collect()
    }

    fn part(first: u32, parents: &[Option<u32>]) -> Part {
        let import = SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        Part { import, title: None, pinned: false, first, messages: messages(parents) }
    }

    #[test]
    fn ids_follow_from_the_import_and_sort_as_the_messages_do() {
        let (one, same) = (ids(), ids());
        let other = Ids { of: [8; 32], ..ids() };
        assert_eq!((one.session(), one.message(3)), (same.session(), same.message(3)));
        assert!(one.session() != other.session() && one.message(3) != other.message(3));
        assert!(one.message(0) < one.message(1) && one.message(9) < one.message(9_999));
        assert!(one.message(9_999) < MessageId::new(one.begun_at, [0; 10]));
    }

    #[test]
    fn a_message_follows_one_that_stands_before_it() {
        let cases: [(u32, &[Option<u32>], &str); 8] = [
            (0, &[None, Some(0), Some(0)], "3"),
            (5, &[Some(4), Some(5), None], "3"),
            (0, &[Some(0)], "no parent"),
            (5, &[Some(4), Some(6)], "no parent"),
            (0, &[None, Some(u32::MAX)], "no parent"),
            (0, &[], "no part of a chat"),
            (9_999, &[None, None], "no part of a chat"),
            (u32::MAX, &[None], "no part of a chat"),
        ];
        for (first, parents, expected) in cases {
            let told = placed(&ids(), &part(first, parents)).map(|placed| placed.len().to_string());
            assert_eq!(told.unwrap_or_else(|error| error.to_string()), expected, "{first} {parents:?}");
        }
    }
}
