//! A chat that comes in from a file: our own, or that of another chat page.

use jiff::Timestamp;

use crate::{MessageRole, MessageText};

/// Messages of one chat, at most.
pub const IMPORTED_MESSAGES: u32 = 10_000;

/// Characters of one of them, at most. It may be longer than what a visitor can send here: pages differ.
pub const IMPORTED_CHARS: usize = 20_000;

/// Bytes of one of them, at most: who reads a branch reads a number of messages.
pub const IMPORTED_BYTES: usize = 32_000;

/// One of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedMessage {
    /// The message that it follows, counted from the chat's first. It stands before it, so there can be no circle.
    pub parent: Option<u32>,
    /// Who speaks.
    pub role: MessageRole,
    /// Markdown.
    pub text: MessageText,
    /// Whether it is an answer that had broken off.
    pub is_cut: bool,
    /// The model that answered.
    pub model: Option<String>,
    /// When it was said, as the file says.
    pub said_at: Option<Timestamp>,
}
