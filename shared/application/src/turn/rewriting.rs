//! An answer on its way to a reader who wants other bytes than the model's: each passes through the core. The page's own never does.

use std::time::Duration;

use bytes::Bytes;
use domain::{Ending, TokenUsage};
use futures::future::{Either, select};
use infrastructure::model::{Transcript, own_ending, token_usage};
use platform::{BodyReader, ReaderBody, ReaderLeft};

use crate::App;

/// How often a silent reader's connection is checked: a leaving must be noticed within a second.
const PROBE_EVERY: Duration = Duration::from_millis(250);

/// How often what has come is told, once the answer has begun. Each read and each write is a twentieth of a millisecond of a Worker, and a model
/// sends hundreds of chunks (docs/performance.md).
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// What has come of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Its first bytes.
    Beginning {
        /// The model that answers, by its own account.
        model: Option<&'a str>,
    },
    /// More of its text, in whole characters.
    Text(&'a str),
    /// It is over.
    End {
        /// In which way.
        ending: Ending,
        /// What the model counted.
        usage: Option<TokenUsage>,
    },
}

/// What its reader is sent for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The bytes.
    pub bytes: String,
    /// Nothing follows: the model is closed if it still answers.
    pub is_last: bool,
}

/// What becomes of an answer, piece by piece.
pub type Rewrite = Box<dyn FnMut(Heard<'_>) -> Rewritten>;

/// A body of what `rewrite` makes of an answer's stream. `None`: it is no model's answer.
#[must_use]
pub fn rewritten(app: &App, answer: ReaderBody, rewrite: Rewrite) -> Option<ReaderBody> {
    let source = app.platform.bodies.read(answer)?;
    let (reader, mut writer) = app.platform.bodies.open();
    let (app, mut listening) = (app.clone(), Listening::new(source, rewrite));
    let tasks = std::rc::Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move {
        // One timer spans many chunks.
        let mut pause = app.platform.clock.sleep(PROBE_EVERY);
        loop {
            let went: Result<bool, ReaderLeft> = match select(std::pin::pin!(listening.next()), pause).await {
                Either::Left((Rewritten { bytes, is_last }, rest)) => {
                    pause = rest;
                    let written = if bytes.is_empty() { Ok(()) } else { writer.write(bytes.into()).await };
                    written.map(|()| is_last)
                }
                Either::Right(((), _)) => {
                    pause = app.platform.clock.sleep(PROBE_EVERY);
                    writer.probe().await.map(|()| false)
                }
            };
            match went {
                Ok(false) => {}
                // Closes the model before the reader knows.
                Ok(true) => {
                    drop(listening);
                    return writer.close().await;
                }
                Err(ReaderLeft) => return,
            }
            if listening.has_begun {
                app.platform.clock.sleep(TOLD_EVERY).await;
            }
        }
    }));
    Some(reader)
}

/// An answer's text, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The text.
    pub text: String,
    /// The model that answered, by its own account.
    pub model: Option<String>,
    /// `None`: it is cut where it had become too long, and the model is closed.
    pub ending: Option<Ending>,
    /// What the model counted.
    pub usage: Option<TokenUsage>,
}

/// Waits for the whole of an answer's stream, or for `most` bytes of its text. `None`: it is no model's answer.
pub async fn whole(app: &App, answer: ReaderBody, most: usize) -> Option<Whole> {
    Some(collected(app.platform.bodies.read(answer)?, most).await)
}

async fn collected(mut source: Box<dyn BodyReader>, most: usize) -> Whole {
    let mut transcript = Transcript::new();
    let mut is_over = false;
    while !is_over && transcript.text().len() <= most {
        match source.next().await {
            Some(bytes) => transcript.push(&bytes),
            None => {
                transcript.finish();
                is_over = true;
            }
        }
    }
    let mut text = transcript.take_text();
    let ending = (text.len() <= most).then(|| own_ending(&transcript).unwrap_or(Ending::Interrupted));
    text.truncate(text.floor_char_boundary(most));
    let model = transcript.model().map(str::to_owned);
    Whole { text, model, ending, usage: transcript.usage().and_then(token_usage) }
}

/// An answer's stream as it is heard.
struct Listening {
    source: Box<dyn BodyReader>,
    transcript: Transcript,
    has_begun: bool,
    /// Bytes of its text.
    told: usize,
    rewrite: Rewrite,
}

impl Listening {
    fn new(source: Box<dyn BodyReader>, rewrite: Rewrite) -> Self {
        Self { source, transcript: Transcript::new(), has_begun: false, told: 0, rewrite }
    }

    /// Waits for the next bytes and makes of them what their reader is sent. Dropping the future before it is ready loses nothing.
    async fn next(&mut self) -> Rewritten {
        let bytes = self.source.next().await;
        self.hear(bytes)
    }

    fn hear(&mut self, bytes: Option<Bytes>) -> Rewritten {
        let Self { transcript, has_begun, told, rewrite, .. } = self;
        let is_over = bytes.is_none();
        match bytes {
            Some(bytes) => transcript.push(&bytes),
            None => transcript.finish(),
        }
        let mut sent = Rewritten { bytes: String::new(), is_last: false };
        let mut tell = |heard: Heard<'_>| {
            if !sent.is_last {
                let Rewritten { bytes, is_last } = rewrite(heard);
                sent.bytes.push_str(&bytes);
                sent.is_last = is_last;
            }
        };
        if !*has_begun && (is_over || transcript.chunks() > 0) {
            *has_begun = true;
            tell(Heard::Beginning { model: transcript.model() });
        }
        let more = transcript.text().get(*told..).unwrap_or_default();
        *told += more.len();
        if !more.is_empty() {
            tell(Heard::Text(more));
        }
        if is_over {
            let ending = own_ending(transcript).unwrap_or(Ending::Interrupted);
            tell(Heard::End { ending, usage: transcript.usage().and_then(token_usage) });
            sent.is_last = true;
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    /// What has come, cut as it came.
    struct Pieces(Vec<Bytes>);

    #[async_trait(?Send)]
    impl BodyReader for Pieces {
        async fn next(&mut self) -> Option<Bytes> {
            (!self.0.is_empty()).then(|| self.0.remove(0))
        }
    }

    fn pieces(stream: &str, cut: usize) -> Box<Pieces> {
        Box::new(Pieces(stream.as_bytes().chunks(cut).map(Bytes::copy_from_slice).collect()))
    }

    fn told(stream: &str, cut: usize, most: usize) -> (String, bool) {
        let mut room = most;
        let rewrite = move |heard: Heard<'_>| match heard {
            Heard::Beginning { model } => Rewritten { bytes: format!("<{}>", model.unwrap_or("?")), is_last: false },
            Heard::Text(text) => {
                let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
                room -= kept.len();
                Rewritten { bytes: kept.to_owned(), is_last: kept.len() < text.len() }
            }
            Heard::End { ending, usage } => {
                let counted = usage.map_or(0, |usage| usage.completion);
                Rewritten { bytes: format!("</{ending:?} {counted}>"), is_last: true }
            }
        };
        let mut listening = Listening::new(pieces(stream, cut), Box::new(rewrite));
        let mut all = String::new();
        futures::executor::block_on(async {
            loop {
                let Rewritten { bytes, is_last } = listening.next().await;
                all.push_str(&bytes);
                if is_last {
                    break;
                }
            }
        });
        (all, !listening.transcript.is_over())
    }

    #[test]
    fn an_answer_is_heard_alike_however_its_bytes_are_cut_and_left_where_enough_was_heard() {
        let chunk = |text: &str| {
            format!("data: {{\"model\":\"m\",\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
        };
        let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":7}}\n\ndata: [DONE]\n\n";
        let whole = format!("{}{}{end}", chunk("añ"), chunk("é!"));
        for cut in 1..=whole.len() {
            assert_eq!(told(&whole, cut, 100).0, "<m>añé!</Truncated 7>", "in pieces of {cut}");
            assert_eq!(told(&whole, cut, 4).0, "<m>añ", "in pieces of {cut}");
            let Whole { text, ending, usage, .. } = futures::executor::block_on(collected(pieces(&whole, cut), 6));
            assert_eq!((&*text, ending, usage.is_some()), ("añé!", Some(Ending::Truncated), true));
            let Whole { text, ending, .. } = futures::executor::block_on(collected(pieces(&whole, cut), 4));
            assert_eq!((&*text, ending), ("añ", None), "in pieces of {cut}");
        }
        assert!(told(&whole, 10, 2).1, "what follows is not waited for");
        assert_eq!(told(&chunk("a"), 9, 100).0, "<m>a</Interrupted 0>");
        assert_eq!(told("", 1, 100).0, "<?></Interrupted 0>");
        let failed = format!("{}data: {{\"error\":{{\"message\":\"x\"}}}}\n\n", chunk("a"));
        assert_eq!(told(&failed, 9, 100).0, "<m>a</Interrupted 0>");
    }
}
