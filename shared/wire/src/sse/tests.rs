//! The stream may be cut at any byte, end its lines in any way and hold anything: the events stay the same.

use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::completions::{ProviderErrorKind, TextBytes, Usage};

type Seen = Vec<(String, String)>;

fn split(parts: &[&[u8]], limit: usize) -> Result<Seen, EventTooLarge> {
    let mut seen = Seen::new();
    let mut splitter = Splitter::new(limit);
    for part in parts {
        splitter.push(part, |event| seen.push((event.name.into_owned(), event.data.into_owned())))?;
    }
    splitter.finish(|event| seen.push((event.name.into_owned(), event.data.into_owned())));
    Ok(seen)
}

fn whole(stream: &str) -> Seen {
    split(&[stream.as_bytes()], 1 << 20).unwrap()
}

fn events(expected: &[(&str, &str)]) -> Seen {
    expected.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect()
}

#[test]
fn events_are_read_by_the_standard() {
    for (stream, expected) in [
        ("data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")][..]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[("", "a"), ("", "b"), ("", "c")]),
        (": hello\n\n\n\n: more\ndata:no space\n\n", &[("", "no space")]),
        ("data:  two spaces\n\n", &[("", " two spaces")]),
        ("data: one\ndata: two\ndata\n\n", &[("", "one\ntwo\n")]),
        ("event: error\ndata: {}\n\ndata: next\n\n", &[("error", "{}"), ("", "next")]),
        ("event: lonely\n\ndata: x\n\n", &[("", "x")]),
        ("id: 7\nretry: 10\nfoo: bar\ndata: x\n\n", &[("", "x")]),
        ("\u{feff}data: bom\n\n", &[("", "bom")]),
        ("data: a:b: c\n\n", &[("", "a:b: c")]),
        ("data: no blank line at the end", &[("", "no blank line at the end")]),
        ("", &[]),
    ] {
        assert_eq!(whole(stream), events(expected), "{stream:?}");
    }
}

#[test]
fn a_stream_cut_at_every_byte_gives_the_same_events() {
    let stream =
        "\u{feff}: c\r\nevent: é\r\ndata: Grüße 😀\r\ndata: zwei\r\rdata: 𝄞\n\nid: 1\r\ndata: x\r\n\r\ndata: end";
    let expected = whole(stream);
    let bytes = stream.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(split(&parts, 1 << 20).unwrap(), expected, "cut at {first} and {second}");
        }
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(split(&single, 1 << 20).unwrap(), expected);
}

#[test]
fn an_event_too_large_ends_it_and_memory_stays_bounded() {
    let line = format!("data: {}\n\n", "x".repeat(200));
    assert_eq!(split(&[line.as_bytes()], 100), Err(EventTooLarge { limit: 100 }));
    let mut splitter = Splitter::new(1000);
    let mut outcome = Ok(());
    for _ in 0..10_000 {
        outcome = splitter.push(b"endless", |_| panic!("no event is complete"));
    }
    assert_eq!(outcome, Err(EventTooLarge { limit: 1000 }));
    assert!(splitter.line.capacity() + splitter.data.capacity() <= 2000);
    let many_lines = "data: y\n".repeat(1000);
    assert!(split(&[many_lines.as_bytes()], 100).is_err());
    let many_events = "data: y\n\n".repeat(1000);
    assert_eq!(split(&[many_events.as_bytes()], 100).unwrap().len(), 1000);
}

#[test]
fn a_written_event_is_read_back() {
    assert_eq!(write_event("error", "{}"), "event: error\ndata: {}\n\n");
    assert_eq!(whole(&write_event("", "a\nb\r\nc\rd")), events(&[("", "a\nb\nc\nd")]));
}

fn delta(text: &str) -> String {
    write_event("", &serde_json::json!({"choices": [{"delta": {"content": text}}], "model": "m"}).to_string())
}

fn answer() -> String {
    [
        ": keep-alive\n\n".to_owned(),
        delta("Grüße "),
        delta("😀 und "),
        write_event("", r#"{"choices":[{"delta":{"reasoning":"hidden","content":null}}]}"#),
        delta("mehr."),
        write_event("", r#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#),
        write_event("", r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#),
        write_event("", "[DONE]"),
    ]
    .concat()
}

#[test]
fn a_transcript_holds_what_was_said_however_it_was_cut() {
    let stream = answer();
    for size in 1..stream.len() {
        let mut transcript = Transcript::new();
        for part in stream.as_bytes().chunks(size) {
            transcript.push(part);
        }
        assert_eq!(transcript.text(), "Grüße 😀 und mehr.");
        assert_eq!(transcript.usage(), Some(Usage { prompt_tokens: 5, completion_tokens: 7 }));
        assert_eq!((transcript.finish_reason(), transcript.model()), (Some("stop"), Some("m")));
        assert!(transcript.done() && transcript.error().is_none());
        assert_eq!((transcript.chunks(), transcript.malformed()), (6, 0));
        assert_eq!(transcript.reasoning(), TextBytes { ascii: 6, other: 0 });
        assert_eq!(transcript.bytes(), stream.len() as u64);
    }
}

#[test]
fn a_transcript_cut_short_holds_a_prefix_and_is_not_done() {
    let stream = answer();
    for end in 0..stream.len() - "data: [DONE]\n\n".len() {
        let mut transcript = Transcript::new();
        transcript.push(&stream.as_bytes()[..end]);
        transcript.finish();
        assert!("Grüße 😀 und mehr.".starts_with(transcript.text()) && !transcript.done());
    }
}

#[test]
fn an_error_in_the_stream_is_kept_beside_the_text() {
    let mut transcript = Transcript::new();
    transcript.push(delta("so far").as_bytes());
    transcript.push(b"data: not json\n\n");
    transcript.push(b"event: error\ndata: {\"error\":{\"message\":\"x\",\"code\":\"internal_server_error\"}}\n\n");
    assert_eq!(transcript.text(), "so far");
    assert_eq!(transcript.error().map(|error| error.kind), Some(ProviderErrorKind::Server));
    assert_eq!((transcript.malformed(), transcript.done()), (1, false));
    assert_eq!(transcript.take_text(), "so far");
}

#[test]
fn an_event_named_error_is_one_whatever_it_says() {
    for (data, kind) in [
        (r#"{"message":"x","code":"queue_full"}"#, ProviderErrorKind::QueueFull),
        (r#"{"error":{"code":503}}"#, ProviderErrorKind::Server),
        ("overloaded", ProviderErrorKind::Other),
        ("[DONE]", ProviderErrorKind::Other),
    ] {
        let mut transcript = Transcript::new();
        transcript.push(write_event("error", data).as_bytes());
        assert_eq!(transcript.error().map(|error| error.kind), Some(kind), "{data}");
        assert!(transcript.is_over() && !transcript.done(), "{data}");
    }
}

#[test]
fn nothing_counts_after_the_end_as_readers_see_it() {
    for end in
        [write_event("", "[DONE]"), write_event("", r#"{"error":{"code":"queue_full"}}"#), write_event("error", "")]
    {
        let mut transcript = Transcript::new();
        transcript.push((delta("a") + &end + &delta("b")).as_bytes());
        assert_eq!((transcript.text(), transcript.is_over()), ("a", true), "{end}");
    }
}

/// Whatever of a stream has come, what is written after the gap is an event of its own, and what came before is read as `finish` reads it.
#[test]
fn after_the_gap_an_event_is_its_own_wherever_the_stream_was_cut() {
    for end in ["\n", "\r\n", "\r"] {
        let stream =
            "\u{feff}: c||event: é|data: Grüße 😀|data: zwei||data: 𝄞||id: 1|data: x||data: end||".replace('|', end);
        let bytes = stream.as_bytes();
        for cut in 0..=bytes.len() {
            let mut splitter = Splitter::new(1 << 20);
            let mut seen = Seen::new();
            let mut keep = |event: Event<'_>| seen.push((event.name.into_owned(), event.data.into_owned()));
            splitter.push(&bytes[..cut], &mut keep).unwrap();
            let gap = splitter.gap();
            splitter.finish(&mut keep);
            seen.push(("error".to_owned(), "{}".to_owned()));
            let ours = write_event("error", "{}");
            assert_eq!(
                split(&[&bytes[..cut], gap.as_bytes(), ours.as_bytes()], 1 << 20).unwrap(),
                seen,
                "{end:?} {cut}"
            );
        }
        let mut splitter = Splitter::new(1 << 20);
        splitter.push(bytes, |_| {}).unwrap();
        assert_eq!(splitter.gap(), if end == "\r" { "\n" } else { "" }, "{end:?}");
    }
}

/// Guards the single pass: no part of the stream is looked at again when the next part comes.
#[test]
#[expect(clippy::disallowed_methods, reason = "a native test measures real time")]
fn twenty_thousand_chunks_cost_next_to_nothing() {
    let one = delta(&"x".repeat(110));
    let stream = one.repeat(20_000);
    for size in [7, 160, 64 * 1024] {
        let started = Instant::now();
        let mut transcript = Transcript::new();
        for part in stream.as_bytes().chunks(size) {
            transcript.push(part);
        }
        assert_eq!(transcript.text().len(), 110 * 20_000);
        // Some 100 ms unoptimised; a quadratic re-scan would take minutes.
        assert!(started.elapsed().as_secs() < 5, "{size} byte parts took {:?}", started.elapsed());
    }
}

#[test]
fn chunks_that_differ_in_their_text_only_are_counted_one_by_one() {
    let chunk =
        |text: &str| format!("data: {{\"model\":\"m\",\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let thought = |text: &str| chunk(&format!("{text}\",\"reasoning\":\"hm"));
    let stream = ["one ", "two ", "\\ud83d", "three", "\\ude00", "\\ud83d", "\\ude00", "four"].map(chunk).concat();
    let mut transcript = Transcript::new();
    transcript.push((stream + &thought(" five") + &thought(" six")).as_bytes());
    assert_eq!(transcript.text(), "one two \u{fffd}three\u{fffd}😀four five six");
    assert_eq!((transcript.chunks(), transcript.malformed(), transcript.model()), (10, 0, Some("m")));
    assert_eq!(transcript.reasoning(), TextBytes { ascii: 4, other: 0 });
}

proptest! {
    #[test]
    fn any_bytes_in_any_cut_give_the_same_events(
        bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(b'd'), any::<u8>()], 0..120),
        cut in 1usize..20,
    ) {
        let parts: Vec<&[u8]> = bytes.chunks(cut).collect();
        prop_assert_eq!(split(&parts, 1 << 20).unwrap(), split(&[&bytes], 1 << 20).unwrap());
    }

    #[test]
    fn any_text_survives_write_and_read(name in "[a-z]{0,8}", data in any::<String>()) {
        let expected = data.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(whole(&write_event(&name, &data)), vec![(name, expected)]);
    }

    #[test]
    fn a_transcript_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut transcript = Transcript::new();
        transcript.push(&bytes);
        transcript.finish();
    }

    #[test]
    fn any_text_in_any_deltas_and_cut_is_kept(texts in proptest::collection::vec(any::<String>(), 0..6), cut in 1usize..50) {
        let stream: String = texts.iter().map(|text| delta(text)).collect();
        let mut transcript = Transcript::new();
        for part in stream.as_bytes().chunks(cut) {
            transcript.push(part);
        }
        prop_assert_eq!(transcript.text(), texts.concat());
    }
}
