//! Statements about links that show a branch to others.

use domain::{
    MOST_SHARES, MessageId, SHARED_MESSAGES, Session, SessionCap, SessionId, Share, ShareId, SharedBranch,
    SharedMessage, User,
};
use jiff::Timestamp;
use wire::neon::{Param, Row};

use super::client::{Postgres, bytea, message_id, named, role, session_id, timestamp, unexpected};
use super::sessions::session;
use super::statement;
use crate::StoreError;

pub(super) const CREATE: &str = statement!("create_share");
pub(super) const MOVE: &str = statement!("move_share");
pub(super) const LIST: &str = statement!("list_shares");
pub(super) const REVOKE: &str = statement!("revoke_share");
pub(super) const READ: &str = statement!("read_share", after "shown_branch");
pub(super) const COPY: &str = statement!("copy_share", after "shown_branch");

/// Bytes of a branch that are copied, at most: its last messages.
const COPIED_BYTES: i64 = 256 * 1024;

/// A link with the hash that its token is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptShare {
    /// The link.
    pub share: Share,
    /// In hexadecimal digits.
    pub token_hash: String,
}

/// What became of a link that was to be made or moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedOutcome {
    /// It is there.
    Kept(KeptShare),
    /// The session has no such message.
    NoSuchMessage,
    /// An answer of the branch is still on its way.
    InProgress,
    /// It was moved meanwhile.
    Stale,
    /// The user has as many as are allowed.
    TooMany,
}

/// A link that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewShare<'a> {
    /// Its id.
    pub id: ShareId,
    /// The hash that its token is known by.
    pub token_hash: &'a [u8],
    /// The session.
    pub session: SessionId,
    /// The branch's last message.
    pub leaf: MessageId,
    /// When it ends; `None`: never by itself.
    pub expires_at: Option<Timestamp>,
}

/// A link that is to be changed. What is `None` stays.
#[derive(Clone, Copy, Debug)]
pub struct MovedShare {
    /// The link.
    pub id: ShareId,
    /// Its session.
    pub session: SessionId,
    /// The revision that it is moved from.
    pub revision: u32,
    /// The other branch's last message.
    pub leaf: Option<MessageId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// What a link shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// This.
    Branch(SharedBranch),
    /// What it showed at the revision that is known.
    AsKnown,
}

/// What became of a branch that was to be a reader's own session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is there, and takes so many bytes.
    Session(Session, u64),
    /// The session that it became was deleted.
    Deleted,
    /// The reader has as many sessions as are allowed.
    TooManySessions,
}

impl Postgres {
    /// Makes a session of a reader's of what a link shows. `ids` are its messages', the oldest first. `None`: the link shows nothing.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn copy_share(
        &self,
        caller: &User,
        token_hash: &[u8],
        id: SessionId,
        ids: &[MessageId],
    ) -> Result<Option<Copied>, StoreError> {
        let ids: Vec<String> = ids.iter().map(MessageId::to_string).collect();
        let mut params = vec![bytea(token_hash), i64::from(SHARED_MESSAGES).into(), Param::Null, id.to_string().into()];
        params.extend(named(caller));
        params.extend([
            COPIED_BYTES.into(),
            format!("{{{}}}", ids.join(",")).into(),
            i64::from(SessionCap::All.most()).into(),
        ]);
        let rows = self.run_idempotent(COPY, params).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(match row.optional_text("id")? {
            Some(_) => Copied::Session(session(row)?, u64::try_from(row.integer("bytes")?).unwrap_or(0)),
            None if row.integer("has_too_many")? == 1 => Copied::TooManySessions,
            None => Copied::Deleted,
        }))
    }

    /// Makes a link. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn create_share(&self, caller: &User, new: NewShare<'_>) -> Result<Option<SharedOutcome>, StoreError> {
        let mut params = vec![new.id.to_string().into()];
        params.extend(named(caller));
        params.extend([
            new.session.to_string().into(),
            new.leaf.to_string().into(),
            bytea(new.token_hash),
            new.expires_at.map(|at| at.to_string()).into(),
            i64::from(MOST_SHARES).into(),
            i64::from(SHARED_MESSAGES).into(),
        ]);
        let rows = self.run_idempotent(CREATE, params).await?;
        rows.first().map(outcome).transpose()
    }

    /// Moves a link. `None`: no such link of this user in this session.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn move_share(&self, caller: &User, moved: MovedShare) -> Result<Option<SharedOutcome>, StoreError> {
        let mut params = vec![moved.id.to_string().into()];
        params.extend(named(caller));
        params.extend([
            moved.session.to_string().into(),
            moved.leaf.map(|leaf| leaf.to_string()).into(),
            moved.expires_at.map(|at| at.to_string()).into(),
            i64::from(moved.revision).into(),
            i64::from(SHARED_MESSAGES).into(),
        ]);
        let rows = self.run_idempotent(MOVE, params).await?;
        rows.first().map(outcome).transpose()
    }

    /// A user's links that show something, of one session or of all, newest first.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_shares(&self, caller: &User, session: Option<SessionId>) -> Result<Vec<KeptShare>, StoreError> {
        let mut params = named(caller);
        // Requests at once may have made some more than are allowed.
        params.extend([session.map(|session| session.to_string()).into(), i64::from(2 * MOST_SHARES).into()]);
        self.run_idempotent(LIST, params).await?.iter().map(kept).collect()
    }

    /// Ends a link, and says whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn revoke_share(&self, caller: &User, session: SessionId, id: ShareId) -> Result<bool, StoreError> {
        let mut params = vec![id.to_string().into()];
        params.extend(named(caller));
        params.push(session.to_string().into());
        Ok(!self.run_idempotent(REVOKE, params).await?.is_empty())
    }

    /// What a link shows; of the revision `known` no text is read again. `None`: nothing.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_share(&self, token_hash: &[u8], known: Option<u32>) -> Result<Option<Shown>, StoreError> {
        let params = vec![bytea(token_hash), i64::from(SHARED_MESSAGES).into(), known.map(i64::from).into()];
        let rows = self.run_idempotent(READ, params).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        if first.optional_text("role")?.is_none() {
            return Ok((known == Some(revision(first)?)).then_some(Shown::AsKnown));
        }
        let mut messages = Vec::with_capacity(rows.iter().len());
        for row in rows.iter() {
            let content = row.text("content")?;
            // An answer that had broken off before its first word.
            if !content.is_empty() {
                let is_cut = row.integer("is_cut")? == 1;
                let model = row.optional_text("model")?.map(str::to_owned);
                messages.push(SharedMessage { role: role(row)?, content: content.to_owned(), is_cut, model });
            }
        }
        Ok(Some(Shown::Branch(SharedBranch {
            title: first.optional_text("title")?.map(str::to_owned),
            revision: revision(first)?,
            has_earlier: first.integer("follows")? == 1,
            messages,
        })))
    }
}

fn outcome(row: Row<'_>) -> Result<SharedOutcome, StoreError> {
    Ok(match row.optional_text("id")? {
        Some(_) => SharedOutcome::Kept(kept(row)?),
        None if row.integer("has_leaf")? == 0 => SharedOutcome::NoSuchMessage,
        None if row.integer("is_running")? == 1 => SharedOutcome::InProgress,
        None if row.integer("is_stale")? == 1 => SharedOutcome::Stale,
        None => SharedOutcome::TooMany,
    })
}

fn kept(row: Row<'_>) -> Result<KeptShare, StoreError> {
    let id = ShareId::parse(row.text("id")?).map_err(|_| unexpected("a link's id"))?;
    let expires_at = row.optional_integer("expires_at")?.map(Timestamp::from_microsecond).transpose();
    let share = Share {
        id,
        session: session_id(row, "session_id")?,
        leaf: message_id(row, "leaf_id")?,
        title: row.optional_text("title")?.map(str::to_owned),
        revision: revision(row)?,
        created_at: timestamp(row, "created_at")?,
        expires_at: expires_at.map_err(|_| unexpected("a time"))?,
    };
    Ok(KeptShare { share, token_hash: row.text("token_hash")?.to_owned() })
}

fn revision(row: Row<'_>) -> Result<u32, StoreError> {
    u32::try_from(row.integer("revision")?).map_err(|_| unexpected("a revision"))
}
