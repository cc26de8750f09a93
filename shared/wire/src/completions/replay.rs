//! Chunks of our own making, for an answer that is replayed from where it is stored.

use serde_json::{Value, json};

/// The data of a chunk that adds `content`.
#[must_use]
pub fn text_chunk(id: &str, model: Option<&str>, created: i64, content: &str) -> String {
    chunk(id, model, created, &json!({"role": "assistant", "content": content}), &Value::Null)
}

/// The data of the chunk that ends an answer, and why it ends: `stop`, `length`, …
#[must_use]
pub fn text_end(id: &str, model: Option<&str>, created: i64, finish_reason: &str) -> String {
    chunk(id, model, created, &json!({}), &json!(finish_reason))
}

fn chunk(id: &str, model: Option<&str>, created: i64, delta: &Value, finish_reason: &Value) -> String {
    json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion.chunk",
        "created": created,
        "model": model.unwrap_or_default(),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    })
    .to_string()
}
