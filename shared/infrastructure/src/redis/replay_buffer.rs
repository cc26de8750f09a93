//! The replay buffer of a running answer: from it other readers are served, and through it they ask for the answer's end.
//!
//! It is one string a run, under its owner's name: a head of fixed length that says how much of the answer came before the run, the bytes of whole events, and
//! at its end NUL and the status. Its recorder writes by offset, so that what is written twice is there once.

use std::time::Duration;

use domain::{MessageStatus, RequestId, StopWish, UserId};
use wire::upstash::{Command, Encoding, Reply};

use super::client::Redis;
use super::keys::{self, Run};
use super::reply::{Named, unexpected};
use super::script::{Script, script};
use crate::StoreError;

/// How long a buffer outlives its last renewal, in milliseconds. As long an answer can be put right that could not be stored.
pub(super) const BUFFER_LIFE_MS: u64 = 3_600_000;

/// The most that is kept of one answer, in bytes: more than `CHAT_MAX_TOKENS` of 2,048 tokens take as chunks, less than what a small
/// Redis would feel.
pub const BUFFER_LIMIT: usize = 2 * 1024 * 1024;

/// How long a wish to stop stands, in milliseconds: the answer's recorder asks within seconds.
const STOP_LIFE_MS: u64 = 60_000;

/// How long a buffer counts as followed after a reader's last look, in milliseconds: longer than two looks are apart.
const FOLLOWED_LIFE_MS: u64 = 10_000;

/// What one read of a buffer brings at most, in bytes.
const PAGE_BYTES: u64 = 512 * 1024;

/// How long a follower holds a place without renewing it: an instance that dies blocks it no longer.
const PLACE_LEASE: Duration = Duration::from_secs(15);

const READ_BUFFER: &Script = &script!("read_buffer", after "clock");
const RENEW_LEASE: &Script = &script!("renew_lease", after "values");

/// New bytes of a buffer: whole events.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Length of the buffer before them, in bytes.
    pub kept: u64,
    /// The bytes.
    pub bytes: &'a str,
}

/// What an answer's recorder sends.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The run.
    pub run: Run,
    /// Characters that the answer had before this run: more than 0 when it is continued.
    pub before: usize,
    /// What has come since the last time.
    pub batch: Batch<'a>,
    /// The end of its new lease, from its admission; `None`: the one it has is long enough.
    pub lease: Option<Duration>,
}

/// What an append brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// A reader wants the answer to end.
    pub stop: Option<StopWish>,
    /// Somebody follows it.
    pub is_followed: bool,
}

/// A request that follows a running answer.
#[derive(Clone, Copy, Debug)]
pub struct BufferFollower {
    /// Whose request it is.
    pub user: UserId,
    /// Their request.
    pub request: RequestId,
    /// How many of the user's requests may follow at once.
    pub places: u32,
}

/// What a read does about its follower's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceAction {
    /// Takes one, if the buffer says that the answer runs.
    Enter,
    /// Takes one: the answer is known to run.
    EnterAnyway,
    /// Keeps the one it has for another lease.
    Renew,
    /// Nothing.
    Keep,
}

/// What became of a place that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceOutcome {
    /// No place was asked for, or the follower needs none.
    None,
    /// It is taken.
    Taken,
    /// All are taken by others.
    Full,
}

/// What a read of a replay buffer brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferPage {
    /// Characters that the answer had before this run; `None`: there is no buffer.
    pub before: Option<usize>,
    /// How it ended, if it has.
    pub ended: Option<MessageStatus>,
    /// Length of the whole buffer, in bytes.
    pub length: u64,
    /// The bytes asked for, or the first part of them.
    pub bytes: Vec<u8>,
    /// What became of the place that was asked for.
    pub place: PlaceOutcome,
}

/// Length of a buffer's head in bytes: eleven digits and the end of the line.
const HEAD_LENGTH: u64 = 12;

fn head(before: usize) -> String {
    format!("{before:011}\n")
}

/// The end of an answer's replay buffer.
#[derive(Clone, Copy, Debug)]
pub struct BufferEnd<'a> {
    /// Characters that the answer had before this run.
    pub before: usize,
    /// What is not appended yet; `None`: the buffer is not whole, or says more than was stored, and is thrown away.
    pub rest: Option<Batch<'a>>,
    /// The status it ended with.
    pub status: MessageStatus,
}

impl BufferEnd<'_> {
    /// The bytes of the longest end that a buffer can have.
    const LONGEST: u64 = 16;

    /// What `settle.lua` is told: what to do, where, and with which bytes.
    pub(super) fn arguments(&self) -> [String; 3] {
        let Some(Batch { kept, bytes }) = self.rest else { return ["drop".to_owned(), String::new(), String::new()] };
        let end = self.status.name();
        if kept == 0 {
            let head = head(self.before);
            return ["write".to_owned(), String::new(), format!("{head}{bytes}\0{end}")];
        }
        ["end".to_owned(), (HEAD_LENGTH + kept).to_string(), format!("{bytes}\0{end}")]
    }
}

impl Redis {
    /// Appends what has come, says whether a reader wants the answer to end and whether anybody follows it, and renews the lease
    /// if asked for.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn append_to_buffer(&self, progress: &Progress<'_>) -> Result<Appended, StoreError> {
        let Progress { run, before, batch, lease } = *progress;
        let buffer = keys::replay_buffer(run);
        let wishes = Command::new(["MGET".to_owned(), keys::stop(run), keys::followed(run)]);
        let renewal = lease.map(|lease| {
            let args = [run.request.to_string(), lease.as_millis().to_string(), BUFFER_LIFE_MS.to_string()];
            RENEW_LEASE.call_with_text(&[keys::user(run.user), buffer.clone()], &args)
        });
        let write = |is_new: bool| match batch {
            Batch { bytes: "", .. } => None,
            Batch { bytes, .. } if is_new => {
                let first = format!("{}{bytes}", head(before));
                let life = BUFFER_LIFE_MS.to_string();
                Some(Command::new(["SET", buffer.as_str(), first.as_str(), "NX", "PX", life.as_str()]))
            }
            Batch { kept, bytes } => {
                let at = (HEAD_LENGTH + kept).to_string();
                Some(Command::new(["SETRANGE", buffer.as_str(), at.as_str(), bytes]))
            }
        };
        let send = async |is_new: bool| {
            let commands: Vec<Command> =
                [Some(wishes.clone()), write(is_new), renewal.clone()].into_iter().flatten().collect();
            self.pipeline(&commands, self.patience(), Encoding::Plain).await
        };
        let is_new = batch.kept == 0;
        let mut replies = send(is_new).await?;
        if is_new && !batch.bytes.is_empty() && replies.get(1) == Some(&Reply::Null) {
            // An earlier try, whose reply was lost, has made it with less.
            replies = send(false).await?;
        }
        let wishes = replies.first().ok_or_else(|| unexpected("the wishes"))?;
        Ok(Appended {
            stop: match wishes.item(0)?.optional_text()? {
                None => None,
                Some("all") => Some(StopWish::Now),
                Some(chars) => Some(StopWish::At(chars.parse().map_err(|_| unexpected("a number of characters"))?)),
            },
            is_followed: wishes.item(1)?.optional_text()?.is_some(),
        })
    }

    /// Asks the recorder of `run` to end its answer.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn ask_to_stop(&self, run: Run, wish: StopWish) -> Result<(), StoreError> {
        let wish = match wish {
            StopWish::Now => "all".to_owned(),
            StopWish::At(chars) => chars.to_string(),
        };
        let command =
            Command::new(["SET".to_owned(), keys::stop(run), wish, "PX".to_owned(), STOP_LIFE_MS.to_string()]);
        self.command(&command, self.timeout).await.map(|_| ())
    }

    /// Reads on in the replay buffer of `run` from byte `from`.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn read_buffer(&self, run: Run, from: u64) -> Result<BufferPage, StoreError> {
        self.read_buffer_as(run, from, None).await
    }

    /// As [`Redis::read_buffer`], for a follower: the buffer is marked as followed. Without a place they are given no bytes.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn follow_buffer(
        &self,
        run: Run,
        from: u64,
        follower: BufferFollower,
        action: PlaceAction,
    ) -> Result<BufferPage, StoreError> {
        self.read_buffer_as(run, from, Some((follower, action))).await
    }

    async fn read_buffer_as(
        &self,
        run: Run,
        from: u64,
        follower: Option<(BufferFollower, PlaceAction)>,
    ) -> Result<BufferPage, StoreError> {
        let mut keys = vec![keys::replay_buffer(run)];
        let mut args = [from, PAGE_BYTES, HEAD_LENGTH, BufferEnd::LONGEST].map(|number| number.to_string()).to_vec();
        if let Some((follower, action)) = follower {
            keys.extend([keys::followed(run), keys::followers(run.user)]);
            let action = match action {
                PlaceAction::Enter => "enter",
                PlaceAction::EnterAnyway => "enter anyway",
                PlaceAction::Renew => "renew",
                PlaceAction::Keep => "keep",
            };
            args.extend([
                follower.request.to_string(),
                action.to_owned(),
                PLACE_LEASE.as_millis().to_string(),
                follower.places.to_string(),
                FOLLOWED_LIFE_MS.to_string(),
            ]);
        }
        // What has come of an answer may hold any bytes.
        page(&self.eval(READ_BUFFER, &keys, &args, self.patience(), Encoding::Base64).await?)
    }

    /// Gives a follower's place back.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; the place ends by itself then.
    pub async fn give_place_back(&self, follower: BufferFollower) -> Result<(), StoreError> {
        let command = Command::new(["ZREM".to_owned(), keys::followers(follower.user), follower.request.to_string()]);
        self.command(&command, self.patience()).await.map(|_| ())
    }
}

/// What `read_buffer.lua` says.
fn page(reply: &Named) -> Result<BufferPage, StoreError> {
    // A Redis that has lost its data meanwhile has filled a later append up with NUL: that is no buffer.
    let before = reply.text("head")?.trim_end().parse().ok();
    Ok(BufferPage {
        before,
        ended: MessageStatus::from_name(reply.text("ended")?),
        length: reply.count("length")?,
        bytes: reply.bytes("bytes")?.to_vec(),
        place: match reply.text("place")? {
            "" => PlaceOutcome::None,
            "taken" => PlaceOutcome::Taken,
            "full" => PlaceOutcome::Full,
            _ => return Err(unexpected("a place")),
        },
    })
}
