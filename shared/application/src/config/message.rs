//! How long a visitor's message may be.

use domain::{MessageText, TextError, chars_within, estimated_tokens};

use super::Config;

impl Config {
    /// A visitor's message, as long as it may be: in characters, and in what the model takes beside the operator's instructions.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn message(&self, raw: &str) -> Result<MessageText, TextError> {
        self.message_within(raw, self.message_chars)
    }

    /// As [`Self::message`], of at most `most` characters.
    ///
    /// # Errors
    /// As there.
    pub fn message_within(&self, raw: &str, most: usize) -> Result<MessageText, TextError> {
        let text = MessageText::parse(raw, most)?;
        let room = self.context_tokens.saturating_sub(estimated_tokens(&self.system_prompt));
        if estimated_tokens(text.as_str()) <= room {
            return Ok(text);
        }
        Err(TextError::TooLong { chars: text.as_str().chars().count(), max: chars_within(text.as_str(), room) })
    }
}
