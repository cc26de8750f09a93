//! What chat rooms take as a message over HTTP: one POST of JSON, in which Slack reads `text` and Discord `content`
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>, <https://docs.discord.com/developers/resources/webhook>).

use serde::Serialize;

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
    content: &'a str,
}

/// The body that says `text`.
#[must_use]
pub fn request_body(text: &str) -> Vec<u8> {
    // Strings alone: there is nothing that could not be written.
    serde_json::to_vec(&Message { text, content: text }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_room_reads_the_same_words() {
        assert_eq!(request_body("a \"b\""), br#"{"text":"a \"b\"","content":"a \"b\""}"#);
    }
}
