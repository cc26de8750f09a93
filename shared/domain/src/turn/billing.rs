//! What a call of the model is billed for: the vendor's own count, or what was sent and what has come.

use super::TokenUsage;
use super::prompt::{estimated_tokens, tokens_of_bytes};

/// A vendor's count of a prompt may exceed our estimate's cap as many times: other tables of tokens, and words that the vendor adds.
const PROMPT_MARGIN: u64 = 4;

/// What has come of an answer that was stopped or cut before its vendor counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received<'a> {
    /// The answer's text.
    pub text: &'a str,
    /// Bytes of reasoning within ASCII, and beyond it.
    pub reasoning: (u64, u64),
    /// Its chunks: a token each at least.
    pub chunks: u64,
}

/// What was asked of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Tokens of the prompt, estimated.
    pub prompt_tokens: u64,
    /// The most estimated tokens that are sent.
    pub context_tokens: u64,
    /// The most tokens that it may answer with.
    pub max_tokens: u64,
}

impl Asked {
    /// The tokens that are booked. A vendor's count beyond what can be is a fault of the vendor's, which must not take the day from
    /// everybody.
    #[must_use]
    pub fn billed(self, counted: Option<TokenUsage>, received: Received<'_>) -> TokenUsage {
        let Some(TokenUsage { prompt, completion }) = counted else {
            let (ascii, other) = received.reasoning;
            let generated = estimated_tokens(received.text) + tokens_of_bytes(ascii, other);
            return TokenUsage { prompt: self.prompt_tokens, completion: generated.max(received.chunks) };
        };
        TokenUsage {
            prompt: prompt.min(self.context_tokens.saturating_mul(PROMPT_MARGIN)),
            completion: completion.min(self.max_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked { prompt_tokens: 40, context_tokens: 100, max_tokens: 50 };

    fn received(text: &str, reasoning: (u64, u64), chunks: u64) -> Received<'_> {
        Received { text, reasoning, chunks }
    }

    #[test]
    fn without_a_count_it_is_what_was_sent_and_what_has_come() {
        for (received, completion) in [
            (received("", (0, 0), 0), 0),
            // Stopped before a word: the chunks that held none are billed all the same.
            (received("", (0, 0), 3), 3),
            (received("abcdef", (0, 0), 1), 2),
            (received("abcdefg", (0, 0), 1), 3),
            // A byte outside ASCII is a token, of the text as of the reasoning.
            (received("日本", (0, 0), 1), 6),
            (received("", (6, 0), 1), 2),
            (received("", (0, 6), 1), 6),
            (received("abc", (4, 3), 1), 1 + 2 + 3),
            (received("ab", (0, 0), 9), 9),
        ] {
            assert_eq!(ASKED.billed(None, received), TokenUsage { prompt: 40, completion }, "{received:?}");
        }
    }

    #[test]
    fn a_count_is_believed_as_far_as_it_can_be_true() {
        let much = received("all that came is not looked at", (900, 900), 900);
        for (counted, booked) in
            [((7, 5), (7, 5)), ((400, 50), (400, 50)), ((401, 51), (400, 50)), ((u64::MAX, u64::MAX), (400, 50))]
        {
            let usage = |(prompt, completion)| TokenUsage { prompt, completion };
            assert_eq!(ASKED.billed(Some(usage(counted)), much), usage(booked), "{counted:?}");
        }
    }
}
