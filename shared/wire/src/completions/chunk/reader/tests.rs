//! Whatever a stream's chunks have in common, each is read as it is by itself.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::completions::tests::{CHUNK, broken_json};

#[test]
fn of_a_chunk_like_an_earlier_one_only_the_text_is_read() {
    let other = |text: &str| CHUNK.replace("Tesla", text);
    let mut reader = ChunkReader::default();
    assert_eq!(reader.read(CHUNK), Ok(StreamedChunk::Whole(Chunk::parse(CHUNK).unwrap())));
    for text in [" was", "", "Grüße 😀", "Tesla"] {
        assert_eq!(reader.read(&other(text)), Ok(StreamedChunk::Text(text)));
    }
    for unlike in ["a\\n", "\\ud83d", "\u{1}"] {
        let data = other(unlike);
        assert_eq!(reader.read(&data), Chunk::parse(&data).map(StreamedChunk::Whole), "{unlike}");
        assert_eq!(reader.read(CHUNK), Ok(StreamedChunk::Text("Tesla")), "what has escapes is no template: {unlike}");
    }
    let with_more = other("x\",\"y\":\"");
    assert_eq!(reader.read(&with_more), Ok(StreamedChunk::Whole(Chunk::parse(&with_more).unwrap())));
    let long = CHUNK.replace("0c7f", &"0".repeat(3_000));
    for _ in 0..2 {
        assert_eq!(
            reader.read(&long),
            Ok(StreamedChunk::Whole(Chunk::parse(&long).unwrap())),
            "what is long is not kept"
        );
    }
}

#[test]
fn a_chunk_that_says_more_than_its_text_is_read_whole() {
    for more in [
        r#"{"choices":[{"delta":{"content":"TEXT","reasoning_content":"hm"}}]}"#,
        r#"{"choices":[{"delta":{"reasoning":"hm","content":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"content":"TEXT"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"delta":{"content":"TEXT"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        r#"{"choices":[{"delta":{"content":"TEXT"}}],"error":"x"}"#,
    ] {
        let mut reader = ChunkReader::default();
        for text in ["one", "two"] {
            let data = more.replace("TEXT", text);
            assert_eq!(reader.read(&data), Ok(StreamedChunk::Whole(Chunk::parse(&data).unwrap())), "{data}");
        }
    }
    for odd in [
        r#"{"choices":[{"delta":{"content":"first","content":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"content":"first"}}],"choices":[{"delta":{"content":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"content":"TEXT"}},{"delta":{"content":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"content":"one"}},{"delta":{"content":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"c\u006fntent":"TEXT"}}]}"#,
        r#"{"choices":[{"delta":{"content":"TEXT","content":null}}]}"#,
    ] {
        let mut reader = ChunkReader::default();
        for text in ["one", "two", "three"] {
            let data = odd.replace("TEXT", text);
            let content = match reader.read(&data).unwrap() {
                StreamedChunk::Text(text) => Cow::Borrowed(text).into(),
                StreamedChunk::Whole(chunk) => chunk.content,
            };
            assert_eq!(content, Chunk::parse(&data).unwrap().content, "{data}");
        }
    }
}

#[test]
fn a_provider_with_something_else_in_each_chunk_is_read_chunk_by_chunk() {
    let mut reader = ChunkReader::default();
    for id in 0..16 {
        assert!(matches!(reader.read(&CHUNK.replace("0c7f", &id.to_string())), Ok(StreamedChunk::Whole(_))));
    }
    let other = CHUNK.replace("0c7f", "other");
    for _ in 0..2 {
        assert!(matches!(reader.read(&other), Ok(StreamedChunk::Whole(_))), "no template is made any more");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_stream_of_chunks_is_read_as_each_is_by_itself(
        stream in proptest::collection::vec(
            prop_oneof![broken_json(), "[ -~]{0,6}".prop_map(|text| CHUNK.replace("Tesla", &text)), Just(CHUNK.to_owned())],
            0..8,
        ),
    ) {
        let mut reader = ChunkReader::default();
        let mut template = None;
        for data in &stream {
            match (reader.read(data), Chunk::parse(data)) {
                (Ok(StreamedChunk::Text(text)), Ok(chunk)) => {
                    let expected = Chunk { content: Cow::Borrowed(text).into(), ..Chunk::clone(template.as_ref().unwrap()) };
                    prop_assert_eq!(chunk, expected, "{:?}", stream);
                }
                (Ok(StreamedChunk::Whole(read)), Ok(chunk)) => {
                    prop_assert_eq!(&read, &chunk, "{:?}", stream);
                    // The rule of reader.rs: borrowed text, and nothing else said.
                    let says_text = chunk.content.borrowed().is_some_and(|text| !text.is_empty());
                    let only = Chunk { model: chunk.model.clone(), content: chunk.content.clone(), ..Chunk::default() };
                    if says_text && chunk == only {
                        template = Some(chunk);
                    }
                }
                (read, chunk) => prop_assert!(read.is_err() && chunk.is_err(), "{:?}", stream),
            }
        }
    }
}
