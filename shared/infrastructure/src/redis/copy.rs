//! The copy of a running answer: from it other readers are served, and through it they ask for its end.

use std::time::Duration;

use domain::{MessageId, MessageStatus, RequestId, StopWish, UserId};

use super::Redis;
use super::admission::{LEASE, count, receipt_key, streams_key};
use super::client::{DEADLINE, PATIENT_DEADLINE, PREFIX, unexpected};
use crate::StoreError;

/// How long a copy outlives its last change, in milliseconds. As long an answer can be put right that could not be stored.
pub(super) const COPY_LIFE_MS: u64 = 3_600_000;

/// The most that is kept of one answer, in bytes: more than `CHAT_MAX_TOKENS` of 2,048 tokens take as chunks, less than what a small
/// Redis would feel.
pub const REPLAY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a wish to stop stands, in milliseconds: whoever records the answer asks within seconds.
const STOP_LIFE_MS: u64 = 60_000;

/// What one look into a copy brings at most, in bytes.
const PAGE_BYTES: u64 = 512 * 1024;

/// How long a reader holds a place without renewing it: an instance that dies blocks it no longer.
const PLACE_LEASE: Duration = Duration::from_secs(15);

const KEEP: &str =
    concat!(include_str!("scripts/clock.lua"), include_str!("scripts/copy.lua"), include_str!("scripts/keep.lua"));
const STOP: &str = include_str!("scripts/stop.lua");
const FOLLOW: &str = concat!(include_str!("scripts/clock.lua"), include_str!("scripts/follow.lua"));
const LEAVE: &str = include_str!("scripts/leave.lua");

/// New bytes of a copy: whole events.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Length of the copy before them, in bytes.
    pub kept: u64,
    /// The bytes.
    pub bytes: &'a str,
}

/// A sign of life of whoever records an answer.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The request that made the answer.
    pub request: RequestId,
    /// Whose answer it is.
    pub user: UserId,
    /// The answer.
    pub answer: MessageId,
    /// Characters that the answer had before this run: more than 0 when it is continued.
    pub before: usize,
    /// What has come since the last time.
    pub batch: Batch<'a>,
}

/// Somebody who reads a running answer along.
#[derive(Clone, Copy, Debug)]
pub struct AlongReader {
    /// Who reads.
    pub user: UserId,
    /// Their request.
    pub request: RequestId,
    /// How many of the user's requests may read at once.
    pub places: u32,
}

/// What a look does about its reader's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceWish {
    /// Takes one, if the copy says that the answer runs.
    Enter,
    /// Takes one: the answer is known to run.
    EnterAnyway,
    /// Keeps the one it has for another lease.
    Renew,
    /// Nothing.
    Keep,
}

/// What became of a wish for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// None was asked for, or none is needed.
    None,
    /// It is taken.
    Taken,
    /// All are taken by others.
    Full,
}

/// What a look into a copy brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whose answer it is.
    pub user: Option<UserId>,
    /// The request whose run it is.
    pub request: Option<RequestId>,
    /// How it ended, if it has.
    pub ended: Option<MessageStatus>,
    /// How long ago its recorder gave a sign of life; `None`: there is no copy.
    pub silent: Option<Duration>,
    /// Characters that the answer had before this run.
    pub before: usize,
    /// Length of the whole copy, in bytes.
    pub length: u64,
    /// The bytes asked for, or the first part of them.
    pub bytes: Vec<u8>,
    /// What became of the wish for a place.
    pub place: Place,
}

/// Where the places of a user's readers are.
fn readers_key(user: UserId) -> String {
    format!("{PREFIX}:readers:{user}")
}

/// Where an answer's copy is, and its run.
pub(super) fn copy_keys(answer: MessageId) -> [String; 2] {
    [format!("{PREFIX}:log:{answer}"), format!("{PREFIX}:run:{answer}")]
}

impl Redis {
    /// Keeps what has come, renews the lease, and says whether somebody wants the answer to end.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn keep(&self, progress: &Progress<'_>) -> Result<Option<StopWish>, StoreError> {
        let [copy, run] = copy_keys(progress.answer);
        let keys = [streams_key(progress.user), copy, run, receipt_key(progress.user, progress.request)];
        let args = [
            progress.request.to_string(),
            progress.batch.kept.to_string(),
            progress.batch.bytes.to_owned(),
            COPY_LIFE_MS.to_string(),
            LEASE.as_millis().to_string(),
            progress.user.to_string(),
            progress.before.to_string(),
        ];
        let reply = self.eval(KEEP, &keys, &args, PATIENT_DEADLINE).await?;
        match reply.optional_text()? {
            None => Ok(None),
            Some("all") => Ok(Some(StopWish::Now)),
            Some(chars) => chars.parse().map(StopWish::At).map(Some).map_err(|_| unexpected("a number of characters")),
        }
    }

    /// Asks the recorder of `run` to end `answer`.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn ask_to_stop(&self, answer: MessageId, run: RequestId, wish: StopWish) -> Result<(), StoreError> {
        let [_, run_key] = copy_keys(answer);
        let wish = match wish {
            StopWish::Now => "all".to_owned(),
            StopWish::At(chars) => chars.to_string(),
        };
        self.eval(STOP, &[run_key], &[wish, STOP_LIFE_MS.to_string(), run.to_string()], DEADLINE).await.map(|_| ())
    }

    /// Reads on in the copy of `answer` from byte `from`.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn look(&self, answer: MessageId, from: u64) -> Result<Look, StoreError> {
        self.look_with(answer, from, None).await
    }

    /// As [`Redis::look`], for somebody who reads along. A reader without a place is given no bytes.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn look_along(
        &self,
        answer: MessageId,
        from: u64,
        reader: AlongReader,
        wish: PlaceWish,
    ) -> Result<Look, StoreError> {
        self.look_with(answer, from, Some((reader, wish))).await
    }

    async fn look_with(
        &self,
        answer: MessageId,
        from: u64,
        reader: Option<(AlongReader, PlaceWish)>,
    ) -> Result<Look, StoreError> {
        let [copy, run] = copy_keys(answer);
        let places = reader.map(|(reader, _)| readers_key(reader.user)).unwrap_or_default();
        let mut args = vec![from.to_string(), PAGE_BYTES.to_string()];
        if let Some((reader, wish)) = reader {
            let wish = match wish {
                PlaceWish::Enter => "enter",
                PlaceWish::EnterAnyway => "enter anyway",
                PlaceWish::Renew => "renew",
                PlaceWish::Keep => "keep",
            };
            args.extend([
                reader.user.to_string(),
                reader.request.to_string(),
                wish.to_owned(),
                PLACE_LEASE.as_millis().to_string(),
                reader.places.to_string(),
            ]);
        }
        let reply = self.eval_bytes(FOLLOW, &[copy, run, places], &args, PATIENT_DEADLINE).await?;
        let wire::upstash::Reply::Text(bytes) = reply.item(5)? else { return Err(unexpected("bytes")) };
        Ok(Look {
            user: UserId::parse(reply.item(0)?.text()?).ok(),
            ended: MessageStatus::from_name(reply.item(1)?.text()?),
            silent: u64::try_from(reply.item(2)?.integer()?).ok().map(Duration::from_millis),
            before: usize::try_from(reply.item(3)?.integer()?).map_err(|_| unexpected("a number of characters"))?,
            length: count(&reply, 4)?,
            bytes: bytes.clone(),
            request: RequestId::parse(reply.item(6)?.text()?).ok(),
            place: match reply.item(7)?.text()? {
                "" => Place::None,
                "taken" => Place::Taken,
                "full" => Place::Full,
                _ => return Err(unexpected("a place")),
            },
        })
    }

    /// Gives a reader's place back.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; the place ends by itself then.
    pub async fn leave(&self, reader: AlongReader) -> Result<(), StoreError> {
        self.eval(LEAVE, &[readers_key(reader.user)], &[reader.request.to_string()], PATIENT_DEADLINE).await.map(|_| ())
    }
}
