//! The replay buffer of a running answer: from it other readers are served, and through it they ask for the answer's end.

use std::time::Duration;

use domain::{MessageId, MessageStatus, RequestId, StopWish, UserId};

use super::admission::LEASE;
use super::client::Redis;
use super::keys::{self, ChargeId};
use super::reply::{Named, unexpected};
use super::script;
use crate::StoreError;

/// How long a buffer outlives its last change, in milliseconds. As long an answer can be put right that could not be stored.
pub(super) const BUFFER_LIFE_MS: u64 = 3_600_000;

/// The most that is kept of one answer, in bytes: more than `CHAT_MAX_TOKENS` of 2,048 tokens take as chunks, less than what a small
/// Redis would feel.
pub const REPLAY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a wish to stop stands, in milliseconds: the answer's recorder asks within seconds.
const STOP_LIFE_MS: u64 = 60_000;

/// What one read of a buffer brings at most, in bytes.
const PAGE_BYTES: u64 = 512 * 1024;

/// How long a reader holds a place without renewing it: an instance that dies blocks it no longer.
const PLACE_LEASE: Duration = Duration::from_secs(15);

const APPEND_REPLAY: &str = script!("append_replay", after "clock", "replay_buffer");
const READ_REPLAY: &str = script!("read_replay", after "clock");
const LEAVE_REPLAY: &str = script!("leave_replay");
const ASK_TO_STOP: &str = script!("ask_to_stop");

/// New bytes of a buffer: whole events.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Length of the buffer before them, in bytes.
    pub kept: u64,
    /// The bytes.
    pub bytes: &'a str,
}

/// A sign of life of an answer's recorder.
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

/// A request that reads a running answer along.
#[derive(Clone, Copy, Debug)]
pub struct ReplayReader {
    /// Who reads.
    pub user: UserId,
    /// Their request.
    pub request: RequestId,
    /// How many of the user's requests may read at once.
    pub places: u32,
}

/// What a read does about its reader's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceWish {
    /// Takes one, if the buffer says that the answer runs.
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

/// What a read of a replay buffer brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayPage {
    /// Whose answer it is.
    pub user: Option<UserId>,
    /// The request whose run it is.
    pub request: Option<RequestId>,
    /// How it ended, if it has.
    pub ended: Option<MessageStatus>,
    /// How long ago its recorder gave a sign of life; `None`: there is no buffer.
    pub silent: Option<Duration>,
    /// Characters that the answer had before this run.
    pub before: usize,
    /// Length of the whole buffer, in bytes.
    pub length: u64,
    /// The bytes asked for, or the first part of them.
    pub bytes: Vec<u8>,
    /// What became of the wish for a place.
    pub place: Place,
}

/// The end of an answer's replay buffer.
#[derive(Clone, Copy, Debug)]
pub struct ReplayEnd<'a> {
    /// The answer.
    pub answer: MessageId,
    /// Characters that the answer had before this run.
    pub before: usize,
    /// What is not appended yet; `None`: the buffer is not whole, or says more than was stored, and is thrown away.
    pub rest: Option<Batch<'a>>,
    /// The status it ended with.
    pub status: &'static str,
}

impl Redis {
    /// Appends what has come, renews the lease, and says whether a reader wants the answer to end.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn append_replay(&self, progress: &Progress<'_>) -> Result<Option<StopWish>, StoreError> {
        let charge = ChargeId { user: progress.user, request: progress.request };
        let [bytes, run] = keys::replay_buffer(progress.answer);
        let keys = [keys::leases(progress.user), bytes, run, charge.receipt()];
        let args = [
            progress.request.to_string(),
            progress.batch.kept.to_string(),
            progress.batch.bytes.to_owned(),
            BUFFER_LIFE_MS.to_string(),
            LEASE.as_millis().to_string(),
            progress.user.to_string(),
            progress.before.to_string(),
        ];
        let reply = self.eval(APPEND_REPLAY, &keys, &args, self.patience()).await?;
        match reply.optional_text("stop")? {
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
        let wish = match wish {
            StopWish::Now => "all".to_owned(),
            StopWish::At(chars) => chars.to_string(),
        };
        let args = [wish, STOP_LIFE_MS.to_string(), run.to_string()];
        self.eval(ASK_TO_STOP, &[keys::replay_run(answer)], &args, self.timeout).await.map(|_| ())
    }

    /// Reads on in the replay buffer of `answer` from byte `from`.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn read_replay(&self, answer: MessageId, from: u64) -> Result<ReplayPage, StoreError> {
        self.read_replay_with(answer, from, None).await
    }

    /// As [`Redis::read_replay`], for a reader who reads along. Without a place they are given no bytes.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn read_replay_along(
        &self,
        answer: MessageId,
        from: u64,
        reader: ReplayReader,
        wish: PlaceWish,
    ) -> Result<ReplayPage, StoreError> {
        self.read_replay_with(answer, from, Some((reader, wish))).await
    }

    async fn read_replay_with(
        &self,
        answer: MessageId,
        from: u64,
        reader: Option<(ReplayReader, PlaceWish)>,
    ) -> Result<ReplayPage, StoreError> {
        let [bytes, run] = keys::replay_buffer(answer);
        let places = reader.map(|(reader, _)| keys::readers(reader.user)).unwrap_or_default();
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
        page(&self.eval_bytes(READ_REPLAY, &[bytes, run, places], &args, self.patience()).await?)
    }

    /// Gives a reader's place back.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; the place ends by itself then.
    pub async fn leave_replay(&self, reader: ReplayReader) -> Result<(), StoreError> {
        let keys = [keys::readers(reader.user)];
        self.eval(LEAVE_REPLAY, &keys, &[reader.request.to_string()], self.patience()).await.map(|_| ())
    }
}

/// What `read_replay.lua` says.
fn page(reply: &Named) -> Result<ReplayPage, StoreError> {
    Ok(ReplayPage {
        user: UserId::parse(reply.text("user")?).ok(),
        request: RequestId::parse(reply.text("request")?).ok(),
        ended: MessageStatus::from_name(reply.text("ended")?),
        silent: reply.duration("silent")?,
        before: reply.chars("before")?,
        length: reply.count("length")?,
        bytes: reply.bytes("bytes")?.to_vec(),
        place: match reply.text("place")? {
            "" => Place::None,
            "taken" => Place::Taken,
            "full" => Place::Full,
            _ => return Err(unexpected("a place")),
        },
    })
}
