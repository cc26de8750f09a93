//! The statement that looks through a user's sessions.

use domain::{
    HITS_PER_SESSION, MessageId, MessageRole, SEARCHED_BYTES, SEARCHED_MESSAGES, SEARCHED_SESSIONS, SearchPlace,
    SearchText, Session, User,
};
use jiff::Timestamp;
use wire::neon::Row;

use super::client::{Postgres, message_id, optional_message_id, role, session_id, timestamp, token};
use super::sessions::session;
use super::statement;
use crate::StoreError;

pub(super) const SEARCH: &str = statement!("search_messages");

/// A page of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPage {
    /// Newest activity first.
    pub sessions: Vec<FoundSession>,
    /// Where the next page begins; `None`: everything was looked at.
    pub next: Option<SearchPlace>,
}

/// A session whose title or messages contain the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Newest first; empty where it is the title.
    pub hits: Vec<Hit>,
}

/// A message that contains the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub message: MessageId,
    /// Who said it.
    pub role: MessageRole,
    /// When.
    pub created_at: Timestamp,
    /// At most 60 characters before the text.
    pub before: String,
    /// The text as it stands there.
    pub text: String,
    /// At most 60 characters after it.
    pub after: String,
}

impl Postgres {
    /// Looks through a user's sessions from `place` on.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn search(
        &self,
        caller: &User,
        text: &SearchText,
        place: Option<SearchPlace>,
    ) -> Result<SearchPage, StoreError> {
        let mut params = vec![
            caller.id.to_string().into(),
            text.as_str().into(),
            place.map(|place| place.activity.to_string()).into(),
            place.map(|place| place.session.to_string()).into(),
            place.and_then(|place| place.message).map(|message| message.to_string()).into(),
            i64::from(SEARCHED_SESSIONS).into(),
            i64::from(SEARCHED_MESSAGES).into(),
            i64::from(HITS_PER_SESSION).into(),
        ];
        params.extend(token(caller));
        params.push(i64::from(SEARCHED_BYTES).into());
        let rows = self.run_idempotent(SEARCH, params).await?;
        let next = rows.first().map(next).transpose()?.flatten();
        let mut sessions: Vec<FoundSession> = Vec::new();
        for row in rows.iter() {
            // A page without a hit is one row that says where the next begins.
            if row.optional_text("id")?.is_none() {
                continue;
            }
            let session = session(row)?;
            if sessions.last().is_none_or(|last| last.session.id != session.id) {
                sessions.push(FoundSession { session, hits: Vec::new() });
            }
            if let (Some(last), Some(hit)) = (sessions.last_mut(), hit(row)?) {
                last.hits.push(hit);
            }
        }
        Ok(SearchPage { sessions, next })
    }
}

fn next(row: Row<'_>) -> Result<Option<SearchPlace>, StoreError> {
    if row.optional_text("next_session")?.is_none() {
        return Ok(None);
    }
    let message = optional_message_id(row, "next_message")?;
    let (activity, session) = (timestamp(row, "next_activity")?, session_id(row, "next_session")?);
    Ok(Some(SearchPlace { activity, session, message }))
}

fn hit(row: Row<'_>) -> Result<Option<Hit>, StoreError> {
    if row.optional_text("message_id")?.is_none() {
        return Ok(None);
    }
    Ok(Some(Hit {
        message: message_id(row, "message_id")?,
        role: role(row)?,
        created_at: timestamp(row, "message_created_at")?,
        before: row.text("before")?.to_owned(),
        text: row.text("hit")?.to_owned(),
        after: row.text("after")?.to_owned(),
    }))
}
