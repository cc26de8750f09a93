//! Links that show a branch of a session to others: made, moved, listed and revoked by their owner, read by whoever has one.
//!
//! A link's token is an HMAC of its id, so that its owner can be told it again, and the store knows a hash of it alone. Beside it stands a second HMAC, of
//! the token: one that somebody has made up is refused before any store is asked.

mod kept;

use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{
    IdempotencyKey, MessageId, SHARED_MESSAGES, Session, SessionId, Share, ShareId, ShareLife, SharedBranch, TurnEnd,
    User,
};
use futures::channel::oneshot;
use hmac::Mac;
use infrastructure::StoreError;
use infrastructure::postgres::{Copied, KeptShare, MovedShare, NewShare, SharedOutcome, Shown};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::mac::mac;
use crate::tries::{SHARED_READS, SHARES, Try, TryError};
use crate::turn;
use crate::{App, SendError};

/// Why there is no such link, or it was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// The caller has no such session.
    #[error("no such session")]
    NoSuchSession,
    /// The session has no such message.
    #[error("no such message")]
    NoSuchMessage,
    /// No such link of the caller, or it shows nothing any more.
    #[error("no such link")]
    NoSuchShare,
    /// An answer of the branch is still on its way.
    #[error("the answer is still on its way")]
    InProgress,
    /// The link was moved meanwhile.
    #[error("the link was moved meanwhile")]
    Stale,
    /// The caller has as many links as are allowed.
    #[error("too many links")]
    TooMany,
    /// Too many were made or read, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// It is charged as a message, and was not let in as one.
    #[error(transparent)]
    NotLetIn(#[from] SendError),
    /// The store gave no answer, or says that the caller has ended.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const TOKEN: usize = 16;
const SEAL: usize = 8;

/// What opens a link: 128 bits that nobody can guess. It has no `Debug` that shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShareToken([u8; TOKEN]);

impl fmt::Debug for ShareToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ShareToken")
    }
}

impl ShareToken {
    /// The token of a link.
    fn of(secret: &str, id: ShareId) -> Self {
        let bytes = mac(secret, "edgewise share", &id.to_bytes()).map(|mac| mac.finalize().into_bytes());
        let token = bytes.and_then(|bytes| bytes.first_chunk().copied());
        // HMAC takes keys of any length.
        Self(token.unwrap_or_default())
    }

    /// As it stands in an address: base64url without padding, 32 characters.
    fn encode(self, secret: &str) -> String {
        let seal = mac(secret, SEALED, &self.0).map(|mac| mac.finalize().into_bytes());
        let seal = seal.and_then(|bytes| bytes.first_chunk::<SEAL>().copied()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([self.0.as_slice(), seal.as_slice()].concat())
    }

    /// Reads one that was made under one of these secrets; `None` for all others.
    fn parse<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let bytes: [u8; TOKEN + SEAL] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (token, seal) = bytes.split_first_chunk::<TOKEN>()?;
        let is_ours = |secret| mac(secret, SEALED, token).is_some_and(|mac| mac.verify_truncated_left(seal).is_ok());
        secrets.into_iter().any(is_ours).then_some(Self(*token))
    }

    /// By which it is known.
    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

const SEALED: &str = "edgewise share seal";

/// A link as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnShare {
    /// The link.
    pub share: Share,
    /// What stands in its address; `None`: the secret that it was made under is gone, and nobody can read it any more.
    pub token: Option<String>,
}

/// Makes a link to the branch that ends with `leaf`, as it stands.
///
/// # Errors
/// [`ShareError`]; [`ShareError::InProgress`] while an answer of the branch is on its way.
pub async fn create(
    app: &App,
    caller: &User,
    client: Option<IpAddr>,
    session: SessionId,
    leaf: MessageId,
    life: Option<ShareLife>,
) -> Result<OwnShare, ShareError> {
    Try::of_user(app, SHARES, client, caller.id).count().await?;
    let now = app.platform.clock.now();
    let id = ShareId::new(now, app.fresh_bytes());
    let token_hash = ShareToken::of(&app.config.jwt_secret, id).hash();
    let expires_at = life.map(|life| life.end(now));
    let new = NewShare { id, token_hash: &token_hash, session, leaf, expires_at };
    let outcome = app.postgres.create_share(caller, new).await?;
    settled(app, outcome.ok_or(ShareError::NoSuchSession)?)
}

/// What of a link changes; what is `None` stays.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// The revision that the caller knows.
    pub revision: u32,
    /// The last message of the branch that it is to show, as that stands.
    pub leaf: Option<MessageId>,
    /// How long it is good from now on.
    pub life: Option<ShareLife>,
}

/// Shows another branch under the same address, or the same for another time.
///
/// # Errors
/// [`ShareError`]; [`ShareError::Stale`] where the revision is no longer the link's.
pub async fn change(
    app: &App,
    caller: &User,
    client: Option<IpAddr>,
    session: SessionId,
    id: ShareId,
    change: Change,
) -> Result<OwnShare, ShareError> {
    // So far the store counts.
    if i32::try_from(change.revision).map_or(true, |revision| revision == i32::MAX) {
        return Err(ShareError::Stale);
    }
    Try::of_user(app, SHARES, client, caller.id).count().await?;
    let expires_at = change.life.map(|life| life.end(app.platform.clock.now()));
    let moved = MovedShare { id, session, revision: change.revision, leaf: change.leaf, expires_at };
    let outcome = app.postgres.move_share(caller, moved).await?;
    settled(app, outcome.ok_or(ShareError::NoSuchShare)?)
}

/// A caller's links, of one session or of all, newest first.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn list(app: &App, caller: &User, session: Option<SessionId>) -> Result<Vec<OwnShare>, StoreError> {
    let kept = app.postgres.list_shares(caller, session).await?;
    Ok(kept.into_iter().map(|kept| own(app, kept)).collect())
}

/// Ends a link.
///
/// # Errors
/// [`ShareError::NoSuchShare`], [`ShareError::Store`].
pub async fn revoke(app: &App, caller: &User, session: SessionId, id: ShareId) -> Result<(), ShareError> {
    if app.postgres.revoke_share(caller, session, id).await? { Ok(()) } else { Err(ShareError::NoSuchShare) }
}

/// A branch that a reader wants to go on with.
pub struct Wanted {
    /// The reader.
    pub caller: User,
    /// Where from, as the platform saw it.
    pub client: Option<IpAddr>,
    /// What stands in the link's address.
    pub token: String,
    /// The name under which the request may be repeated.
    pub key: Option<IdempotencyKey>,
    /// Proof of work, as it was sent.
    pub proof: Option<String>,
}

/// Makes what a link shows a session of its reader's. It is charged as a message; the model is not asked. A reader who leaves has the session
/// all the same.
///
/// # Errors
/// [`ShareError::NoSuchShare`], [`ShareError::NotLetIn`]: nothing is charged.
pub async fn copy(app: &App, wanted: Wanted) -> Result<Session, ShareError> {
    let token = ShareToken::parse(&wanted.token, secrets(app)).ok_or(ShareError::NoSuchShare)?;
    Try::of_address(app, SHARED_READS, wanted.client).count().await?;
    let (reply, told) = oneshot::channel();
    let (copying, tasks) = (app.clone(), Rc::clone(&app.platform.tasks));
    tasks.spawn(Box::pin(async move {
        let _is_there = reply.send(copied(&copying, wanted, token).await);
    }));
    told.await.unwrap_or(Err(SendError::Lost.into()))
}

async fn copied(app: &App, wanted: Wanted, token: ShareToken) -> Result<Session, ShareError> {
    let Wanted { caller, client, key, proof, .. } = wanted;
    let hash = token.hash();
    let letting_in = turn::let_in_like_a_message(app, &caller, client, key, proof, &hex(&hash)).await?;
    let ids: Vec<MessageId> = message_ids(letting_in.session).collect();
    let outcome = app.postgres.copy_share(&caller, &hash, letting_in.session, &ids).await;
    let (end, bytes, outcome) = match outcome {
        Ok(Some(Copied::Session(session, bytes))) => (TurnEnd::Answered, bytes, Ok(session)),
        Ok(Some(Copied::Deleted)) => (TurnEnd::SessionDeleted, 0, Err(SendError::Gone.into())),
        Ok(Some(Copied::TooManySessions)) => (TurnEnd::Refused, 0, Err(SendError::TooManySessions.into())),
        Ok(None) => (TurnEnd::Refused, 0, Err(ShareError::NoSuchShare)),
        Err(error) => (TurnEnd::NotAsked, 0, Err(error.into())),
    };
    letting_in.settle(app, end, bytes).await;
    outcome
}

/// The ids of a copied branch's messages: they sort, and the same session has the same.
fn message_ids(session: SessionId) -> impl Iterator<Item = MessageId> {
    let made_at = session.made_at().unwrap_or_default();
    let id = move |number: u32| {
        let before = SignedDuration::from_millis(i64::from(SHARED_MESSAGES) - i64::from(number));
        let hash = Sha256::new().chain_update(session.to_bytes()).chain_update(number.to_be_bytes()).finalize();
        MessageId::new(made_at.checked_sub(before).unwrap_or(made_at), hash.first_chunk().copied().unwrap_or_default())
    };
    (0..SHARED_MESSAGES).map(id)
}

/// What the link of an address shows. A token that was made up costs no store anything; the others are counted on who reads. The database is asked each
/// time, and at once where a link has ended; what this instance has shown of it is not sent again.
///
/// # Errors
/// [`ShareError::NoSuchShare`], [`ShareError::NotTried`], [`ShareError::Store`].
pub async fn read(app: &App, client: Option<IpAddr>, token: &str) -> Result<Rc<SharedBranch>, ShareError> {
    let token = ShareToken::parse(token, secrets(app)).ok_or(ShareError::NoSuchShare)?;
    Try::of_address(app, SHARED_READS, client).count().await?;
    let hash = token.hash();
    let known = kept::take(&hash);
    let shown = match (app.postgres.read_share(&hash, known.as_ref().map(|known| known.revision)).await?, known) {
        (Some(Shown::Branch(branch)), _) => Rc::new(branch),
        (Some(Shown::AsKnown), Some(known)) => known,
        (Some(Shown::AsKnown), None) | (None, _) => return Err(ShareError::NoSuchShare),
    };
    kept::keep(hash, Rc::clone(&shown));
    Ok(shown)
}

fn settled(app: &App, outcome: SharedOutcome) -> Result<OwnShare, ShareError> {
    match outcome {
        SharedOutcome::Kept(kept) => Ok(own(app, kept)),
        SharedOutcome::NoSuchMessage => Err(ShareError::NoSuchMessage),
        SharedOutcome::InProgress => Err(ShareError::InProgress),
        SharedOutcome::Stale => Err(ShareError::Stale),
        SharedOutcome::TooMany => Err(ShareError::TooMany),
    }
}

fn own(app: &App, kept: KeptShare) -> OwnShare {
    let KeptShare { share, token_hash } = kept;
    let made_under = |secret: &str| {
        let token = ShareToken::of(secret, share.id);
        (hex(&token.hash()) == token_hash).then(|| token.encode(secret))
    };
    let token = secrets(app).find_map(made_under);
    OwnShare { share, token }
}

/// The secrets that a link may have been made under.
fn secrets(app: &App) -> impl Iterator<Item = &str> {
    [Some(&app.config.jwt_secret), app.config.jwt_secret_previous.as_ref()].into_iter().flatten().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn id(number: u8) -> ShareId {
        ShareId::new(Timestamp::UNIX_EPOCH, [number; 10])
    }

    #[test]
    fn a_token_is_read_under_the_secret_that_it_was_made_under() {
        let token = ShareToken::of("secret", id(1));
        let text = token.encode("secret");
        assert_eq!(text.len(), 32);
        assert_eq!(ShareToken::parse(&text, ["new", "secret"]), Some(token));
        assert_eq!(ShareToken::parse(&text, ["new"]), None);
        assert_eq!(format!("{token:?}"), "ShareToken");
        assert!(!hex(&token.hash()).contains(&hex(&token.0)));
    }

    #[test]
    fn a_token_is_of_its_link_and_its_secret() {
        let token = ShareToken::of("secret", id(1));
        assert_eq!(token, ShareToken::of("secret", id(1)));
        assert_ne!(token, ShareToken::of("secret", id(2)));
        assert_ne!(token, ShareToken::of("other", id(1)));
    }

    #[test]
    fn one_bit_of_a_token_that_is_another_makes_it_none() {
        let text = ShareToken::of("secret", id(1)).encode("secret");
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(ShareToken::parse(&URL_SAFE_NO_PAD.encode(other), ["secret"]), None, "{bit}");
        }
        for text in ["", "a", &text[1..], &format!("{text}A"), &format!("{text}="), "../../../etc/passwd"] {
            assert_eq!(ShareToken::parse(text, ["secret"]), None, "{text}");
        }
    }
}
