//! What SambaNova was seen or documented to send, and what an OpenAI-compatible server expects.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Captured 2026-02-19 through a proxy.
pub(super) const CHUNK: &str = r#"{"choices":[{"delta":{"content":"Tesla","role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}],"created":1771518114,"id":"0c7f","model":"Meta-Llama-3.3-70B-Instruct","object":"chat.completion.chunk","system_fingerprint":"fastcoe"}"#;
const USAGE: &str = r#"{"choices":[],"created":1771518114.5,"id":"0c7f","model":"m","object":"chat.completion.chunk","usage":{"prompt_tokens":43,"completion_tokens":57.0,"total_tokens":100,"prompt_tokens_details":{"cached_tokens":0},"time_to_first_token":0.05,"is_last_response":true,"stop_reason":"stop"}}"#;

#[test]
fn a_request_travels_as_the_vendor_documents_it() {
    let messages = [
        ChatMessage { role: Role::System, content: "Be brief.".into() },
        ChatMessage { role: Role::User, content: "Hi \"you\"".into() },
    ];
    let body = String::from_utf8(ChatRequest::new("m", &messages, 2048, &Map::new()).body()).unwrap();
    assert_eq!(
        body,
        r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi \"you\""}],"max_tokens":2048,"stream":true,"stream_options":{"include_usage":true}}"#
    );
    let more = Map::from_iter([("temperature".to_owned(), 0.5.into()), ("stop".to_owned(), vec!["a", "b"].into())]);
    let body = String::from_utf8(ChatRequest::new("m", &[], 1, &more).body()).unwrap();
    assert_eq!(
        body,
        r#"{"model":"m","messages":[],"max_tokens":1,"stream":true,"stream_options":{"include_usage":true},"stop":["a","b"],"temperature":0.5}"#
    );
}

#[test]
fn chunks_as_captured_are_read() {
    let chunk = Chunk::parse(CHUNK).unwrap();
    assert_eq!(chunk.content, Text::from(Cow::Borrowed("Tesla")));
    assert!(chunk.content.borrowed().is_some(), "text without escapes is not copied");
    assert_eq!(chunk.model.as_deref(), Some("Meta-Llama-3.3-70B-Instruct"));
    assert_eq!((chunk.finish_reason, chunk.usage, chunk.error), (None, None, None));

    let last = Chunk::parse(r#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#).unwrap();
    assert!(last.content.is_empty());
    assert_eq!(last.finish_reason.as_deref(), Some("stop"));

    let usage = Chunk::parse(USAGE).unwrap().usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (43, 57));
}

/// What the chunks say one after the other.
fn said(chunks: &[&str]) -> String {
    let mut joined = Joined::default();
    for data in chunks {
        joined.push(&Chunk::parse(data).unwrap().content);
    }
    joined.finish();
    joined.take()
}

#[test]
fn deviations_lose_nothing() {
    for (data, content) in [
        (r#"{"choices":null}"#, ""),
        (r#"{}"#, ""),
        (r#"{"choices":[{"delta":null}]}"#, ""),
        (r#"{"choices":[{"delta":{"content":null,"reasoning":"hm","channel":"analysis"}}]}"#, ""),
        (r#"{"choices":[{"delta":{"content":"a\nA\ud83d\ude00"}}],"x_new":{"deep":[1]}}"#, "a\nA😀"),
        (r#"{"choices": [ {"delta": {"content": "spaced"}} ], "usage": {"total_tokens": null}}"#, "spaced"),
        (r#"{"choices":[{"delta":{"content":"kept"}}],"usage":{"prompt_tokens":"many"}}"#, "kept"),
        // Fields of other types, and what only `JSON.parse` takes.
        (
            r#"{"model":7,"created":1e999,"usage":"none","choices":[{"delta":{"content":"kept"},"finish_reason":3}]}"#,
            "kept",
        ),
        (
            r#"{"choices":[{"delta":{"content":"first"}}],"choices":[{"delta":{"content":"la","content":"last"}}]}"#,
            "last",
        ),
        (r#"{"model":"\udc00","choices":[{"delta":{"content":"kept","reasoning":"\ud83d"}}]}"#, "kept"),
        (r#"{"choices":{"0":{"delta":{"content":"no"}}}}"#, ""),
        (r#"{"choices":[{"delta":{"content":["no"]}}]}"#, ""),
        (r#"[null,null,null,[{"delta":{"content":"no"}}]]"#, ""),
        ("null", ""),
        ("7", ""),
    ] {
        assert_eq!(said(&[data]), content, "{data}");
    }
    let raw_line_end = "{\"choices\":[{\"delta\":{\"content\":\"a\nb\\ud83d\"}}]}";
    for data in ["", "[]x", "[DONE", r#"{"choices":[{"delta":{"content":"#, r#"{"a":1}{}"#, raw_line_end] {
        assert!(Chunk::parse(data).is_err(), "{data}");
    }
}

#[test]
fn a_character_may_be_split_over_chunks() {
    let chunk = |content: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{content}"}}}}]}}"#);
    for (contents, expected) in [
        (&[r"ab\ud83d", r"\ude00cd"][..], "ab😀cd"),
        (&[r"\ud83d", "", r"\ude00"], "😀"),
        (&[r"\ud83d", r"\ude00\ud83d", r"\ude00"], "😀😀"),
        (&[r"\ud83d", r"\ud83d", r"\ude00"], "\u{fffd}😀"),
        (&[r"\ud83d", "x"], "\u{fffd}x"),
        (&["x", r"\ude00"], "x\u{fffd}"),
        (&[r"a\ud83db", r"a\ude00b"], "a\u{fffd}ba\u{fffd}b"),
        (&[r"\ude00\ud83d", r"\n"], "\u{fffd}\u{fffd}\n"),
        (&[r"é\ud83d"], "é\u{fffd}"),
    ] {
        let chunks: Vec<String> = contents.iter().map(|content| chunk(content)).collect();
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        assert_eq!(said(&chunks), expected, "{contents:?}");
    }
}

#[test]
fn an_error_inside_a_200_is_seen_before_the_choices() {
    let chunk =
        Chunk::parse(r#"{"error":{"message":"boom","code":"queue_full"},"choices":[],"request_id":"r1"}"#).unwrap();
    let error = chunk.error.unwrap();
    assert_eq!((error.kind, error.status), (ProviderErrorKind::QueueFull, None));
    let bare = Chunk::parse(r#"{"error":"model output invalid"}"#).unwrap().error.unwrap();
    assert_eq!((bare.kind, bare.message.as_str()), (ProviderErrorKind::Other, "model output invalid"));
    let halved = Chunk::parse(r#"{"error":{"message":"b\ud83d","code":"queue_full"}}"#).unwrap().error.unwrap();
    assert_eq!((halved.kind, halved.message.as_str()), (ProviderErrorKind::QueueFull, "b\u{fffd}"));
    for none in [r#"{"error":null}"#, r#"{"error":false}"#, r#"{"error":""}"#, r#"{"error":0,"model":7}"#] {
        assert_eq!(Chunk::parse(none).unwrap().error, None, "{none}");
    }
    let numeric = Chunk::parse(r#"{"error":{"message":"x","code":503}}"#).unwrap().error.unwrap();
    assert_eq!(numeric.kind, ProviderErrorKind::Server);
    let typed = br#"{"error":{"message":"x","code":400,"type":"context_length_exceeded"}}"#;
    assert_eq!(ProviderError::parse(400, typed).kind, ProviderErrorKind::ContextLength);
    assert_eq!(ProviderError::parse(413, b"").kind, ProviderErrorKind::ContextLength);
}

#[test]
fn the_vendors_errors_are_sorted_by_status_and_code() {
    use ProviderErrorKind::*;
    for (status, code, kind) in [
        (400, "context_length_exceeded", ContextLength),
        (400, "model_not_found", ModelUnknown),
        (404, "model_not_found", ModelUnknown),
        (404, "404", ModelUnknown),
        (404, "not_found", Other),
        (400, "invalid_type", BadRequest),
        (401, "invalid_authentication", Unauthorized),
        (401, "invalid_api_key", Unauthorized),
        (402, "PAYMENT_METHOD_REQUIRED", PaymentRequired),
        (408, "request_timeout", Timeout),
        (410, "model_deprecated", ModelGone),
        (429, "insufficient_quota", InsufficientQuota),
        (429, "queue_full", QueueFull),
        (504, "queue_full", QueueFull),
        (500, "internal_server_error", Server),
        (503, "maintenance", Server),
    ] {
        let body = format!(r#"{{"error":{{"message":"m","type":"t","param":null,"code":"{code}"}},"request_id":"r"}}"#);
        let error = ProviderError::parse(status, body.as_bytes());
        assert_eq!((error.kind, error.status, error.code.as_deref()), (kind, Some(status), Some(code)));
        assert_eq!(error.message, "m");
    }
    for (status, kind) in [
        (429, InsufficientQuota),
        (404, ModelUnknown),
        (410, ModelGone),
        (502, Server),
        (504, Timeout),
        (422, BadRequest),
    ] {
        assert_eq!(ProviderError::parse(status, b"<html>bad</html>").kind, kind, "{status}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (value, millis) in [
        ("120", 120_000),
        (" 0.5 ", 500),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30_000),
        ("Sunday, 06-Nov-94 08:50:07 GMT", 30_000),
        ("Sun Nov  6 08:50:07 1994", 30_000),
        (DATE, 0),
    ] {
        assert_eq!(parse_retry_after(value, Some(DATE)), Some(Duration::from_millis(millis)), "{value}");
    }
    let long = "9".repeat(400);
    for other in ["", ".", ".5", "-1", "soon", "1e9", "inf", "1.2.3", &long, "Sun, 06 Nov 1994 08:49:36 GMT"] {
        assert_eq!(parse_retry_after(other, Some(DATE)), None, "{other}");
    }
    assert_eq!(parse_retry_after(DATE, None), None);
    assert_eq!(parse_retry_after(DATE, Some("yesterday")), None);
}

/// JSON of every kind, some of it cut, doubled or otherwise broken.
pub(super) fn broken_json() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        CHUNK,
        USAGE,
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "\\n",
        "\"a\"",
        "\"choices\"",
        "\"delta\"",
        "\"content\"",
        "\"c\\u006fntent\"",
        "\"é\"",
        "\"error\"",
        "\"usage\"",
        "\"model\"",
        "null",
        "true",
        "false",
        "0",
        "-",
        "1.5",
        "1e9",
        "E+",
        ".",
        "01",
        "\u{1}",
        "\"x\":",
        "[[]]",
        "{}",
        "{\"a\":[{\"b\":[]}]}",
    ];
    let parts = proptest::collection::vec(proptest::sample::select(PARTS), 0..14).prop_map(|parts| parts.concat());
    let cut = (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), proptest::sample::select(PARTS))
        .prop_map(|(from, to, part)| {
            let chars: Vec<char> = CHUNK.chars().collect();
            let (from, to) = (from.index(chars.len()), to.index(chars.len()));
            let (before, after): (String, String) = (chars[..from].iter().collect(), chars[to..].iter().collect());
            format!("{before}{part}{after}")
        });
    prop_oneof![parts, cut]
}

/// What serde_json finds in a chunk, if it takes it at all.
fn found_by_serde(data: &str) -> Option<(String, String, bool)> {
    let whole: serde_json::Value = serde_json::from_str(data).ok()?;
    let words = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let choice = &whole["choices"][0];
    // An index finds an object's member, too.
    let choice = if whole["choices"].is_array() { choice } else { &serde_json::Value::Null };
    Some((words(&choice["delta"]["content"]), words(&choice["finish_reason"]), whole["usage"].is_object()))
}

#[test]
fn values_may_be_nested_as_deeply_as_they_like() {
    let depth = 100_000;
    let (open, close) = ("[{\"a\":".repeat(depth), "}]".repeat(depth));
    let chunk = format!(r#"{{"x":{open}1{close},"choices":[{{"delta":{{"content":"kept"}}}}]}}"#);
    assert_eq!(said(&[&chunk]), "kept");
    assert!(Chunk::parse(&chunk.replace("}]}]", "}]]]")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_chunk_is_read_as_serde_json_reads_it(data in broken_json()) {
        let taken = serde_json::from_str::<serde::de::IgnoredAny>(&data).is_ok();
        let chunk = Chunk::parse(&data);
        prop_assert_eq!(chunk.is_ok(), taken, "{}: {:?}", data, chunk);
        // Half a character is none to serde_json.
        if let (Ok(chunk), Some(found)) = (chunk, found_by_serde(&data)) {
            let read = (chunk.content.alone().into_owned(), chunk.finish_reason.unwrap_or_default().into_owned(), chunk.usage.is_some());
            prop_assert_eq!(read, found, "{}", data);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ProviderError::parse(status, &body);
        let _ = Chunk::parse(&String::from_utf8_lossy(&body));
    }

    #[test]
    fn any_text_is_a_wait_or_nothing(value in "\\PC{0,40}") {
        let _ = parse_retry_after(&value, Some(&value));
    }

    #[test]
    fn any_content_round_trips(content in any::<String>()) {
        let data = serde_json::json!({"choices": [{"delta": {"content": content}}]}).to_string();
        prop_assert_eq!(said(&[&data]), content);
    }

    /// However UTF-16 is cut into chunks, what is read is what JavaScript makes of their sum.
    #[test]
    fn any_utf16_in_any_cut_is_read_as_javascript_reads_it(
        units in proptest::collection::vec(prop_oneof![0xd83cu16..0xd840, 0xdc00u16..0xdc04, 0x20u16..0x7f], 0..12),
        cut in 1usize..5,
    ) {
        let escaped = |units: &[u16]| units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
        let chunks: Vec<String> =
            units.chunks(cut).map(|units| format!(r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, escaped(units))).collect();
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        prop_assert_eq!(said(&chunks), String::from_utf16_lossy(&units));
    }

    #[test]
    fn a_chunk_cut_anywhere_is_malformed(at in 0..CHUNK.len()) {
        prop_assert!(Chunk::parse(&CHUNK[..at]).is_err());
    }
}
