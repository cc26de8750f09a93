//! Answers whose instance died, or that Postgres did not take at their end: the replay buffer puts them right.

use domain::{AnswerEnd, Ending, Fault, Message, MessageId, MessageStatus, RequestId, SessionId, TurnLine, User};
use infrastructure::StoreError;
use infrastructure::model::{Transcript, own_ending, token_usage};
use infrastructure::postgres::{Stored, StoredMessage, Thread};
use infrastructure::redis::Run;
use platform::Level;

use crate::App;

/// The whole replay buffer of an answer.
pub(crate) struct WholeBuffer {
    transcript: Transcript,
    /// Characters that the answer had before it.
    before: usize,
    /// How the run ended, if it has.
    ended: Option<MessageStatus>,
}

impl WholeBuffer {
    /// Reads the whole buffer of `run`; `None` if Redis has none.
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
            let page = app.redis.read_buffer(run, at).await?;
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

/// One message of a user's session, settled if its run has died; `None`: the session has no such message.
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
    match WholeBuffer::read(app, owner, run).await {
        Ok(Some(mut buffer)) => {
            let text = buffer.more_than(&message.content).unwrap_or_else(|| message.content.clone());
            finish(app, owner, message, text, Some(&buffer), None).await;
        }
        Ok(None) => finish(app, owner, message, message.content.clone(), None, None).await,
        // Without Redis the row keeps its state: what its buffer holds may come back.
        Err(error) => not_recovered(app, &error),
    }
}

/// Settles a row whose `run` has ended in its buffer: its last save did not come through, or is still to come.
pub(crate) async fn recover_if_ended(app: &App, owner: &User, message: &mut Message, run: Option<RequestId>) {
    match WholeBuffer::read(app, owner, run).await {
        Ok(Some(mut buffer)) if buffer.ended.is_some() => {
            let text = buffer.more_than(&message.content).unwrap_or_else(|| message.content.clone());
            finish(app, owner, message, text, Some(&buffer), run).await;
        }
        Ok(_) => {}
        Err(error) => not_recovered(app, &error),
    }
}

/// `run`: the one that has ended; `None`: it has died.
async fn finish(
    app: &App,
    owner: &User,
    message: &mut Message,
    text: String,
    buffer: Option<&WholeBuffer>,
    run: Option<RequestId>,
) {
    let ended = buffer.and_then(|buffer| buffer.ended).and_then(Ending::from_status);
    let ending = ended.or_else(|| own_ending(&buffer?.transcript)).unwrap_or(Ending::Interrupted);
    let end = AnswerEnd {
        answer: message.id,
        run,
        owner: owner.id,
        text,
        ending,
        usage: buffer.and_then(|buffer| buffer.transcript.usage()).and_then(token_usage),
        model: buffer.and_then(|buffer| buffer.transcript.model()).map(str::to_owned),
        times: None,
        // A run that has ended itself was broken off by the model.
        fault: (ending == Ending::Interrupted).then_some(if ended.is_some() { Fault::Model } else { Fault::Ours }),
    };
    match app.postgres.finish_answer(&end, None).await {
        // Another request was quicker, or continues the answer.
        Ok(Stored { is_new: false, .. }) => {
            match app.postgres.read_message(message.session_id, owner, message.id).await {
                Ok(Some(stored)) => *message = stored.message,
                Ok(None) => {}
                Err(error) => not_recovered(app, &error),
            }
        }
        Ok(Stored { is_new: true, .. }) => {
            message.content = end.text;
            message.status = end.ending.status();
            let fields = vec![("event", "answer_recovered".into()), ("message_id", message.id.to_string().into())];
            app.log(Level::Info, "answer recovered", fields);
        }
        Err(error) => not_recovered(app, &error),
    }
}

fn not_recovered(app: &App, error: &StoreError) {
    app.log_cause(Level::Warn, "answer not recovered", error);
}

/// Settles the dead answers of a page of messages. Such rows are rare, and each is settled once.
pub(crate) async fn recover_thread(app: &App, owner: &User, thread: &mut Thread) {
    for id in std::mem::take(&mut thread.dead) {
        let Some(message) = thread.messages.iter_mut().find(|message| message.id == id) else { continue };
        match read_message(app, owner, message.session_id, id).await {
            Ok(Some(settled)) => *message = settled,
            Ok(None) => {}
            Err(error) => not_recovered(app, &error),
        }
    }
}

/// Settles the dead answers of a branch before something new follows them, and its last one where that has ended and its row does not know it.
pub(crate) async fn recover_branch(
    app: &App,
    owner: &User,
    session: SessionId,
    mut branch: Vec<TurnLine>,
) -> Vec<TurnLine> {
    let last = branch.len();
    for (at, line) in branch.iter_mut().enumerate() {
        let may_have_ended = at + 1 == last && line.status == MessageStatus::Streaming && !line.is_dead;
        if !line.is_dead && !may_have_ended {
            continue;
        }
        match find_message(app, owner, session, line.id).await {
            Ok(Some(Found { mut message, run })) => {
                if may_have_ended {
                    // At once: who asks next waits for it. Its times are lost where the recorder's save was still to come.
                    recover_if_ended(app, owner, &mut message, run).await;
                }
                line.content = message.content;
                line.status = message.status;
            }
            Ok(None) => {}
            Err(error) => not_recovered(app, &error),
        }
    }
    branch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_puts_a_row_right_only_where_it_has_more() {
        let chunk = r#"data: {"choices":[{"delta":{"content":"größer"}}]}"#;
        for (before, row, expected) in [
            (0, "", Some("größer")),
            (0, "größ", Some("größer")),
            (0, "größer", None),
            (0, "größer als", None),
            (4, "Sie grö", Some("Sie größer")),
            (4, "Sie größer", None),
        ] {
            let mut transcript = Transcript::new();
            transcript.push(format!("{chunk}\n\n").as_bytes());
            transcript.finish();
            let mut buffer = WholeBuffer { transcript, before, ended: None };
            assert_eq!(buffer.more_than(row).as_deref(), expected, "{before} before, {row:?}");
        }
    }
}
