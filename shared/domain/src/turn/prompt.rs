//! What is sent to the model.

use crate::{MessageId, MessageRole, MessageStatus};

/// One line of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
}

/// One message of the branch that a turn follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnLine {
    /// Its id.
    pub id: MessageId,
    /// The message it answers or follows.
    pub parent: Option<MessageId>,
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// An answer whose instance has died: it reads as interrupted, and more of it may have been kept elsewhere.
    pub is_dead: bool,
}

/// How many tokens a text has at most, as far as that can be told without the model's own table: a byte outside ASCII counts one, three
/// within it do.
#[must_use]
pub fn estimated_tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    tokens_of_bytes(ascii as u64, (text.len() - ascii) as u64)
}

/// The same of a text of which only its bytes are known: those within ASCII, and the others.
pub(super) fn tokens_of_bytes(ascii: u64, other: u64) -> u64 {
    other.saturating_add(ascii.div_ceil(3))
}

/// The most bytes that `tokens` estimated tokens may have.
#[must_use]
pub fn bytes_within(tokens: u64) -> u64 {
    tokens.saturating_mul(3)
}

/// How many characters of a text's beginning fit into `tokens` estimated tokens.
#[must_use]
pub fn chars_within(text: &str, tokens: u64) -> usize {
    let mut fits = fitting(tokens);
    text.chars().take_while(|letter| fits(*letter)).count()
}

/// The end of a text, of at most `tokens` estimated tokens.
fn end_of(text: &str, tokens: u64) -> &str {
    let mut fits = fitting(tokens);
    let start =
        text.char_indices().rev().take_while(|(_, letter)| fits(*letter)).last().map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

/// Says of one character after the other whether it fits, too, by the rule of [`estimated_tokens`].
fn fitting(tokens: u64) -> impl FnMut(char) -> bool {
    let mut thirds = tokens.saturating_mul(3);
    move |letter| {
        let weight = if letter.is_ascii() { 1 } else { letter.len_utf8() as u64 * 3 };
        let left = thirds.checked_sub(weight);
        thirds = left.unwrap_or(0);
        left.is_some()
    }
}

/// How much of a branch is sent.
#[derive(Clone, Copy, Debug)]
pub struct PromptLimits {
    /// Messages of the branch.
    pub messages: usize,
    /// Tokens in all, estimated.
    pub tokens: u64,
}

/// Tokens that mark where a message of a client's conversation begins, who speaks and where it ends, at most: two hundred empty messages are
/// not free. A branch of ours has few messages, each with a text whose estimate is above its count.
const FRAME_TOKENS: u64 = 8;

/// What makes a model continue an answer that ended early.
pub(super) const CONTINUE: &str = "Your last answer was cut off. Go on exactly where it ends, in the middle of a word if need be. \
    Do not repeat anything of it and do not comment on it.";

/// What is sent to the model: the operator's instructions, the end of the branch, the new message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    lines: Vec<PromptMessage>,
    /// Tokens of what is sent beside them and read by the model, too, estimated.
    beside: u64,
}

impl Prompt {
    /// A prompt that ends with the visitor's `message`. `branch` is what came before it, oldest first; of its messages those count that say
    /// something: neither those that failed nor answers that are empty. The last of them are sent, as many as the limits allow. `None`: the message
    /// alone is too long.
    #[must_use]
    pub fn new(system: &str, branch: &[TurnLine], limits: PromptLimits, message: &str) -> Option<Self> {
        let room = limits.tokens.checked_sub(estimated_tokens(system) + estimated_tokens(message))?;
        let mut lines = context(system, branch, PromptLimits { tokens: room, ..limits });
        lines.push(PromptMessage { role: MessageRole::User, content: message.to_owned() });
        Some(Self { lines, beside: 0 })
    }

    /// A conversation that its client keeps, after the operator's instructions. Nothing of it is left out, because its client knows what it sent.
    /// `None`: it is too long.
    #[must_use]
    pub fn of_client(system: &str, messages: Vec<PromptMessage>, beside: u64, limits: PromptLimits) -> Option<Self> {
        let mut lines = context(system, &[], limits);
        lines.extend(messages);
        let frames = FRAME_TOKENS.saturating_mul(lines.len() as u64);
        let prompt = Self { lines, beside: beside.saturating_add(frames) };
        (prompt.tokens() <= limits.tokens).then_some(prompt)
    }

    /// A prompt that makes the model continue the answer at the end of `branch`; of one that has no room, its end is sent.
    #[must_use]
    pub fn continuing(system: &str, branch: &[TurnLine], limits: PromptLimits) -> Option<Self> {
        let room = limits.tokens.checked_sub(estimated_tokens(system) + estimated_tokens(CONTINUE))?;
        let mut branch = branch.to_vec();
        if let Some(answer) = branch.last_mut() {
            answer.content = end_of(&answer.content, room).to_owned();
        }
        Self::new(system, &branch, limits, CONTINUE)
    }

    /// How many tokens it has, estimated.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.lines.iter().map(|line| estimated_tokens(&line.content)).sum::<u64>().saturating_add(self.beside)
    }

    /// The lines, in order.
    #[must_use]
    pub fn lines(&self) -> &[PromptMessage] {
        &self.lines
    }
}

fn context(system: &str, branch: &[TurnLine], limits: PromptLimits) -> Vec<PromptMessage> {
    let says_something = |line: &&TurnLine| {
        !line.content.is_empty() && (line.role != MessageRole::User || line.status != MessageStatus::Failed)
    };
    let mut room = limits.tokens;
    let fits = |line: &&TurnLine| {
        let left = room.checked_sub(estimated_tokens(&line.content));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut lines: Vec<PromptMessage> = branch
        .iter()
        .rev()
        .filter(says_something)
        .take(limits.messages)
        .take_while(fits)
        .map(|line| PromptMessage { role: line.role, content: line.content.clone() })
        .collect();
    if !system.trim().is_empty() {
        lines.push(PromptMessage { role: MessageRole::System, content: system.to_owned() });
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn line(role: MessageRole, status: MessageStatus, content: &str) -> TurnLine {
        let id = MessageId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        TurnLine { id, parent: None, role, content: content.to_owned(), status, is_dead: false }
    }

    fn said(prompt: &Prompt) -> Vec<(&'static str, &str)> {
        prompt.lines().iter().map(|line| (line.role.name(), line.content.as_str())).collect()
    }

    #[test]
    fn the_beginning_that_fits_is_counted_in_characters() {
        for (text, tokens, chars) in
            [("abcdef", 1, 3), ("abcd", 2, 4), ("中文字", 6, 2), ("a中", 3, 1), ("😀", 3, 0), ("", 0, 0)]
        {
            assert_eq!(chars_within(text, tokens), chars, "{text}");
            let beginning: String = text.chars().take(chars).collect();
            assert!(estimated_tokens(&beginning) <= tokens, "{text}");
        }
    }

    #[test]
    fn a_clients_conversation_is_sent_whole_or_not_at_all() {
        let line = |role, content: &str| PromptMessage { role, content: content.to_owned() };
        let said_by_client = || vec![line(MessageRole::System, "abc"), line(MessageRole::User, "def")];
        for (system, beside, tokens, expected) in [
            ("", 0, 18, Some(vec![("system", "abc"), ("user", "def")])),
            ("", 0, 17, None),
            ("ghi", 0, 27, Some(vec![("system", "ghi"), ("system", "abc"), ("user", "def")])),
            ("ghi", 0, 26, None),
            ("", 5, 23, Some(vec![("system", "abc"), ("user", "def")])),
            ("", 5, 22, None),
            ("", u64::MAX, 7, None),
        ] {
            let prompt = Prompt::of_client(system, said_by_client(), beside, PromptLimits { messages: 0, tokens });
            // What is booked where the vendor counts nothing is the same sum.
            assert!(prompt.as_ref().is_none_or(|prompt| prompt.tokens() == tokens), "{system} {beside}");
            assert_eq!(prompt.as_ref().map(said), expected, "{system} {tokens}");
        }
    }

    #[test]
    fn a_prompt_is_instructions_the_last_that_was_said_and_the_message() {
        let branch = [
            line(MessageRole::User, MessageStatus::Complete, "long ago"),
            line(MessageRole::Assistant, MessageStatus::Complete, "first"),
            line(MessageRole::User, MessageStatus::Failed, "came to nothing"),
            line(MessageRole::User, MessageStatus::Complete, "second"),
            line(MessageRole::Assistant, MessageStatus::Streaming, ""),
            line(MessageRole::Assistant, MessageStatus::Interrupted, "third, in pa"),
        ];
        let limits = |messages| PromptLimits { messages, tokens: 1_000 };
        let prompt = Prompt::new("be kind", &branch, limits(3), "fourth").unwrap();
        let expected = [
            ("system", "be kind"),
            ("assistant", "first"),
            ("user", "second"),
            ("assistant", "third, in pa"),
            ("user", "fourth"),
        ];
        assert_eq!(said(&prompt), expected);
        assert_eq!(said(&Prompt::new(" ", &branch, limits(0), "alone").unwrap()), [("user", "alone")]);
    }

    #[test]
    fn the_oldest_goes_first_where_a_prompt_would_be_too_long() {
        let branch = [
            line(MessageRole::User, MessageStatus::Complete, "abc"),
            line(MessageRole::Assistant, MessageStatus::Complete, "défg"),
            line(MessageRole::User, MessageStatus::Complete, "hij"),
        ];
        // One token each of "k" and "hij", three of "défg", one of "abc".
        for (tokens, expected) in [(1, 1), (2, 2), (4, 2), (5, 3), (6, 4)] {
            let prompt = Prompt::new("", &branch, PromptLimits { messages: 20, tokens }, "k").unwrap();
            assert_eq!(prompt.lines().len(), expected, "{tokens} tokens");
            assert!(prompt.tokens() <= tokens);
        }
        assert_eq!(Prompt::new("be kind", &branch, PromptLimits { messages: 20, tokens: 3 }, "k"), None);
        assert_eq!(estimated_tokens("漢字ab"), 7);
        for text in ["a", "abc", "abcd", "é", "漢字ab"] {
            assert!(bytes_within(estimated_tokens(text)) >= text.len() as u64, "{text}");
        }
    }

    #[test]
    fn an_answer_without_room_is_continued_from_its_end() {
        let long = "слово ".repeat(3_000);
        let branch = [line(MessageRole::Assistant, MessageStatus::Truncated, &long)];
        let limits = PromptLimits { messages: 20, tokens: 1_000 };
        let prompt = Prompt::continuing("be kind", &branch, limits).unwrap();
        let [_, answer, wish] = prompt.lines() else { panic!("{prompt:?}") };
        assert_eq!(wish.content, CONTINUE);
        assert!(long.ends_with(&answer.content) && answer.content.chars().count() > 500, "{}", answer.content);
        assert!((995..=1_000).contains(&prompt.tokens()), "{}", prompt.tokens());
        for (text, tokens, end) in [("abcdef", 1, "def"), ("aé", 1, ""), ("aé", 2, "é"), ("aé", 3, "aé"), ("", 5, "")]
        {
            assert_eq!(end_of(text, tokens), end, "{text} {tokens}");
        }
    }

    #[test]
    fn a_continuation_ends_with_the_wish_to_continue() {
        let branch = [line(MessageRole::Assistant, MessageStatus::Stopped, "half an ans")];
        let prompt = Prompt::continuing("", &branch, PromptLimits { messages: 20, tokens: 1_000 }).unwrap();
        assert_eq!(said(&prompt), [("assistant", "half an ans"), ("user", CONTINUE)]);
        assert!(
            !CONTINUE.contains("  ") && !CONTINUE.contains('\n'),
            "the model reads what a broken line left: {CONTINUE:?}"
        );
    }
}
