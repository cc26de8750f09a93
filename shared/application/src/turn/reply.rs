//! What the sender of a message is told, and the way to them.

use std::time::Duration;

use domain::{AnswerEnd, Message, MessageId, SessionId, Standing, TokenUsage};
use futures::channel::oneshot;
use futures::future::{Either, select};
use platform::ReaderBody;

use crate::{App, SendError};

/// How an answer should come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// As it is generated.
    Stream,
    /// Whole, at the end.
    Plain,
}

/// A message that was taken, and its answer.
pub struct Accepted {
    /// The session, new or not.
    pub session: SessionId,
    /// The visitor's message.
    pub question: Option<MessageId>,
    /// The answer.
    pub answer: MessageId,
    /// The id of the model that gives it.
    pub model: Option<String>,
    /// The id of the one that was chosen, or else of the first, where that one is not there to be asked.
    pub instead_of: Option<String>,
    /// Where the caller stands after it; `None`: Redis is down and sends pass uncounted.
    pub standing: Option<Standing>,
    /// It was made by an earlier request with the same idempotency key.
    pub is_replayed: bool,
    /// What its beginning took; `None`: it was not made for this request.
    pub timings: Option<Timings>,
    /// The answer itself.
    pub body: AnswerBody,
}

/// What the steps before an answer took, in milliseconds. The last two went on side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Until the stores had let the message in.
    pub admit: u64,
    /// Until the turn was written.
    pub db: u64,
    /// Until the model's first event.
    pub model: u64,
}

/// An answer on its way or whole.
pub enum AnswerBody {
    /// Upstream's own bytes.
    Stream(ReaderBody),
    /// Both messages as they are stored.
    Plain {
        /// The visitor's message.
        question: Box<Message>,
        /// The answer.
        answer: Box<Message>,
        /// What the model counted.
        usage: Option<TokenUsage>,
    },
    /// The end of an answer that is not kept.
    Unkept(Box<AnswerEnd>),
}

/// What a turn tells its sender, once.
pub(super) type SendResult = Result<Accepted, SendError>;

/// The way from a turn, which runs in the background, to the handler that waits for it.
pub(super) struct Reply(oneshot::Sender<SendResult>);

/// How long an error waits for what undoes the turn: a caller who tries again at once should find it undone. With a store that is down
/// the undoing continues after the error was told.
const UNDO_FIRST: Duration = Duration::from_millis(700);

impl Reply {
    /// A reply and where it arrives.
    pub fn new() -> (Self, oneshot::Receiver<SendResult>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Tells the handler. `false`: it is gone, and its reader with it.
    pub fn tell(self, told: SendResult) -> bool {
        self.0.send(told).is_ok()
    }

    /// Tells the handler of an error.
    pub fn refuse(self, error: SendError) {
        // Without a handler there is no reader either.
        let _is_there = self.tell(Err(error));
    }

    /// Tells of an error once `undoing` is done, at the latest after [`UNDO_FIRST`].
    pub async fn refuse_after(
        self,
        app: &App,
        undoing: impl Future<Output = Option<Standing>>,
        error: impl FnOnce(Option<Standing>) -> SendError,
    ) {
        match select(std::pin::pin!(undoing), app.platform.clock.sleep(UNDO_FIRST)).await {
            Either::Left((standing, _)) => self.refuse(error(standing)),
            Either::Right(((), undoing)) => {
                self.refuse(error(None));
                undoing.await;
            }
        }
    }

    /// Waits until the reader leaves.
    pub async fn reader_left(&mut self) {
        self.0.cancellation().await;
    }
}
