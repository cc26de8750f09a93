//! The last bytes of a streamed response, after upstream's.

use bytes::Bytes;
use domain::Ending;
use infrastructure::model::{Transcript, write_event};

use crate::StreamFault;

/// What a stream's reader is told of its end. `is_saved`: the answer is stored by now.
pub(super) fn fault(ending: Ending, is_saved: bool) -> Option<StreamFault> {
    match ending {
        _ if !is_saved => Some(StreamFault::NotSaved),
        Ending::Interrupted => Some(StreamFault::BrokenOff),
        Ending::Complete | Ending::Truncated | Ending::Filtered | Ending::Stopped => None,
    }
}

/// What a stream still lacks after upstream's last byte.
pub(super) struct Closing {
    /// The end of upstream's last event.
    gap: &'static str,
    /// Upstream ended a whole answer without `[DONE]`: readers take it for broken off.
    lacks_done: bool,
    /// The answer ended before upstream did, so the reader may have more of its bytes than the recorder.
    is_cut_short: bool,
}

impl Closing {
    /// Of an answer that ended so.
    pub fn new(transcript: &Transcript, ending: Ending) -> Self {
        let is_whole = match ending {
            Ending::Complete | Ending::Truncated | Ending::Filtered => true,
            Ending::Stopped | Ending::Interrupted => false,
        };
        let is_cut_short = transcript.is_over() || ending == Ending::Stopped;
        Self { gap: transcript.gap(), lacks_done: is_whole && !transcript.done(), is_cut_short }
    }

    /// The last bytes, with our own last event if there is one.
    pub fn with(&self, event: &[u8]) -> Bytes {
        let mut last = self.gap.to_owned();
        if self.lacks_done {
            last += &write_event("", "[DONE]");
        }
        if self.is_cut_short && !event.is_empty() {
            last += "\n\n";
        }
        let mut last = last.into_bytes();
        last.extend_from_slice(event);
        last.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_told_of_what_is_lost_and_of_what_is_not_stored() {
        let cases = [
            (Ending::Complete, true, None),
            (Ending::Truncated, true, None),
            (Ending::Filtered, true, None),
            (Ending::Stopped, true, None),
            (Ending::Interrupted, true, Some(StreamFault::BrokenOff)),
            (Ending::Complete, false, Some(StreamFault::NotSaved)),
            (Ending::Interrupted, false, Some(StreamFault::NotSaved)),
        ];
        for (ending, is_saved, expected) in cases {
            assert_eq!(fault(ending, is_saved), expected, "{ending:?}, saved: {is_saved}");
        }
    }

    #[test]
    fn a_whole_answer_ends_with_done_whatever_upstream_left_out() {
        let chunk = r#"data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
        // What upstream sent, how the answer ended, our event; what is sent after upstream's bytes.
        let cases = [
            (format!("{chunk}\n\ndata: [DONE]\n\n"), Ending::Complete, "", ""),
            (format!("{chunk}\n\n"), Ending::Complete, "", "data: [DONE]\n\n"),
            (format!("{chunk}\n"), Ending::Complete, "", "\n\ndata: [DONE]\n\n"),
            (chunk.to_owned(), Ending::Truncated, "", "\n\ndata: [DONE]\n\n"),
            (format!("{chunk}\n\n"), Ending::Stopped, "", ""),
            // The reader may have the half of an event that the recorder has not.
            (format!("{chunk}\n\n"), Ending::Stopped, "event: error\n\n", "\n\nevent: error\n\n"),
            (format!("{chunk}\n\n"), Ending::Interrupted, "event: error\n\n", "event: error\n\n"),
        ];
        for (upstream, ending, event, expected) in cases {
            let mut transcript = Transcript::new();
            transcript.push(upstream.as_bytes());
            transcript.finish();
            let last = Closing::new(&transcript, ending).with(event.as_bytes());
            assert_eq!(String::from_utf8_lossy(&last), expected, "{upstream:?} {ending:?}");
        }
    }
}
