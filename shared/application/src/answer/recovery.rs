//! Answers whose instance died, or that Postgres did not take at their end: the replay buffer puts them right.

use domain::{AnswerEnd, Ending, Message, MessageId, MessageStatus, RequestId, SessionId, TurnLine, User};
use infrastructure::StoreError;
use infrastructure::model::{Transcript, own_ending, token_usage};
use infrastructure::postgres::{Stored, StoredMessage, Thread};
use infrastructure::redis::Run;
use platform::Level;

use crate::App;

/// The whole replay buffer of an answer.
pub(crate) struct Replayed {
    transcript: Transcript,
    /// Characters that the answer had before it.
    before: usize,
    /// How the run ended, if it has.
    ended: Option<MessageStatus>,
}

impl Replayed {
    /// Reads that of `run` page by page. `None`: there is none.
    pub async fn read(app: &App, owner: &User, run: Option<RequestId>) -> Result<Option<Self>, StoreError> {
        let Some(request) = run else { return Ok(None) };
        // It may have begun when its owner was a guest.
        for user in [Some(owner.id), owner.was].into_iter().flatten() {
            let replayed = Self::read_run(app, Run { user, request }).await?;
            if replayed.is_some() {
                return Ok(replayed);
            }
        }
        Ok(None)
    }

    async fn read_run(app: &App, run: Run) -> Result<Option<Self>, StoreError> {
        let mut transcript = Transcript::new();
        let mut at = 0;
        loop {
            let page = app.redis.read_replay(run, at).await?;
            let Some(before) = page.before else { return Ok(None) };
            transcript.push(&page.bytes);
            at += u64::try_from(page.bytes.len()).unwrap_or(0);
            if page.bytes.is_empty() || at >= page.length {
                transcript.finish();
                return Ok(Some(Self { transcript, before, ended: page.ended }));
            }
        }
    }

    /// The answer as its row and this buffer together have it, if the buffer has more.
    fn more_than(&mut self, row: &str) -> Option<String> {
        let before: String = row.chars().take(self.before).collect();
        let whole = before + &self.transcript.take_text();
        (whole.chars().count() > row.chars().count()).then_some(whole)
    }
}

/// A message that was found, and the run that writes it.
pub(crate) struct Found {
    pub message: Message,
    pub run: Option<RequestId>,
}

/// One message of a user's session, settled if its run has died; `None`: there is none.
pub(crate) async fn read_message(
    app: &App,
    owner: &User,
    session: SessionId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    Ok(find_message(app, owner, session, id).await?.map(|found| found.message))
}

/// As [`read_message`], with the run.
pub(crate) async fn find_message(
    app: &App,
    owner: &User,
    session: SessionId,
    id: MessageId,
) -> Result<Option<Found>, StoreError> {
    let Some(StoredMessage { mut message, is_dead, run }) = app.postgres.read_message(session, owner, id).await? else {
        return Ok(None);
    };
    if is_dead {
        recover(app, owner, &mut message, run).await;
    }
    Ok(Some(Found { message, run }))
}

/// Settles a row whose `run` has died: with its own text, or with the buffer's where that has more.
async fn recover(app: &App, owner: &User, message: &mut Message, run: Option<RequestId>) {
    match Replayed::read(app, owner, run).await {
        Ok(Some(mut replayed)) => {
            let text = replayed.more_than(&message.content).unwrap_or_else(|| message.content.clone());
            finish(app, owner, message, text, Some(&replayed), None).await;
        }
        Ok(None) => finish(app, owner, message, message.content.clone(), None, None).await,
        // Without Redis the row keeps its state: what its buffer holds may come back.
        Err(error) => app.log_cause(Level::Warn, "answer not recovered", &error),
    }
}

/// Settles a row whose `run` has ended in its buffer with more than the row has: its last save did not come through.
pub(crate) async fn recover_if_ended(app: &App, owner: &User, message: &mut Message, run: Option<RequestId>) {
    match Replayed::read(app, owner, run).await {
        Ok(Some(mut replayed)) if replayed.ended.is_some() => {
            if let Some(text) = replayed.more_than(&message.content) {
                finish(app, owner, message, text, Some(&replayed), run).await;
            }
        }
        Ok(_) => {}
        Err(error) => app.log_cause(Level::Warn, "answer not recovered", &error),
    }
}

/// `run`: the one that has ended; `None`: it has died.
async fn finish(
    app: &App,
    owner: &User,
    message: &mut Message,
    text: String,
    replayed: Option<&Replayed>,
    run: Option<RequestId>,
) {
    let ended = replayed.and_then(|replayed| replayed.ended).and_then(Ending::from_status);
    let ending = ended.or_else(|| own_ending(&replayed?.transcript)).unwrap_or(Ending::Interrupted);
    let end = AnswerEnd {
        answer: message.id,
        run,
        owner: owner.id,
        text,
        ending,
        usage: replayed.and_then(|replayed| replayed.transcript.usage()).and_then(token_usage),
        model: replayed.and_then(|replayed| replayed.transcript.model()).map(str::to_owned),
    };
    match app.postgres.finish_answer(&end, None).await {
        // Another request was quicker, or continues the answer: the next read tells.
        Ok(Stored { is_new: false, .. }) => {}
        Ok(Stored { is_new: true, .. }) => {
            message.content = end.text;
            message.status = end.ending.status();
            let fields = vec![("event", "answer_recovered".into()), ("message_id", message.id.to_string().into())];
            app.log(Level::Info, "answer recovered", fields);
        }
        Err(error) => app.log_cause(Level::Warn, "answer not recovered", &error),
    }
}

/// Settles the dead answers of a page of messages. Such rows are rare, and each is settled once.
pub(crate) async fn recover_thread(app: &App, owner: &User, thread: &mut Thread) {
    for id in std::mem::take(&mut thread.dead) {
        let Some(message) = thread.messages.iter_mut().find(|message| message.id == id) else { continue };
        match read_message(app, owner, message.session_id, id).await {
            Ok(Some(settled)) => *message = settled,
            Ok(None) => {}
            Err(error) => app.log_cause(Level::Warn, "answer not recovered", &error),
        }
    }
}

/// Settles the dead answers of a branch before something new follows them.
pub(crate) async fn recover_branch(
    app: &App,
    owner: &User,
    session: SessionId,
    mut branch: Vec<TurnLine>,
) -> Vec<TurnLine> {
    for line in branch.iter_mut().filter(|line| line.is_dead) {
        match read_message(app, owner, session, line.id).await {
            Ok(Some(message)) => {
                line.content = message.content;
                line.status = message.status;
            }
            Ok(None) => {}
            Err(error) => app.log_cause(Level::Warn, "answer not recovered", &error),
        }
    }
    branch
}
