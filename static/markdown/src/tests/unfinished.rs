//! What is shown of a text that is still being written.

use super::super::*;

/// The text of what is shown after each letter of `markdown`.
fn frames(markdown: &str) -> Vec<String> {
    let mut document = Document::new("m");
    let mut page: Vec<String> = Vec::new();
    markdown
        .chars()
        .map(|c| {
            let changed = document.push(c.encode_utf8(&mut [0; 4]));
            page.truncate(document.kept());
            page.extend(changed);
            let html = page.concat();
            let words = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            words.collect::<String>()
        })
        .collect()
}

#[test]
fn what_is_half_written_is_not_shown_raw() {
    for (markdown, raw) in [
        ("so **very bold** and *thin* and ***both*** here", &["*"][..]),
        ("is **`code` and [a link](https://example.com)** so", &["*", "`", "[", "]", "("]),
        ("see [the `guide`](https://example.com/a(b)c) now", &["[", "]", "(", "http"]),
        ("see ![a cat](https://example.com/cat.png) now", &["[", "]", "("]),
        (r"is \(\frac{1}{2}\) and $\frac{a}{b}$ so", &["\u{5c}frac{1", "$\u{5c}f", "\u{5c}("][..2]),
        ("gone ~~or not~~ here", &["~"]),
        ("H<sub>2</sub>O &amp; `let x` is", &["&lt;", "`", "&amp;a"]),
        ("- one **two** three\n- [x] four", &["*", "[", "x"]),
        ("これは**「重要」**な", &["*"]),
        ("<think>\nwell **so**\n</think>\nyes", &["&lt;", "*"]),
        ("well **so**\n</think>\nyes", &["&lt;", "*"]),
        ("a\n\n[ref]: https://example.com\n", &["["]),
    ] {
        for (index, frame) in frames(markdown).iter().enumerate() {
            let is_whole_formula = frame.contains("2}") || frame.contains("{b}");
            for sign in raw {
                assert!(is_whole_formula || !frame.contains(sign), "{sign:?} in {frame:?} at {index} of {markdown}");
            }
        }
    }
}

#[test]
fn what_is_not_half_of_anything_is_shown() {
    for (markdown, expected) in [
        ("it costs $5 and 2 * 3 is a*b", "it costs $5 and 2 * 3 is a*b"),
        ("R&D is ~5 %", "R&amp;D is ~5 %"),
        ("x < 5 and y", "x &lt; 5 and y"),
        ("a snake_case_name and", "a snake_case_name and"),
        ("[sic] and arr[0] so", "[sic] and arr[0] so"),
        ("export $HOME is", "export $HOME is"),
    ] {
        assert_eq!(frames(markdown).last().map(String::as_str), Some(expected));
    }
}

#[test]
fn a_text_made_to_spoil_mending_is_read_in_bounded_time() {
    for piece in
        ["[", "&", "<", "`a``", "**a ", "$a", "\\(", "[a](", "https://!", "は**「", "~~「~~", "<b>", "\\begin{align}"]
    {
        let text = piece.repeat(500);
        let mut document = Document::new("m");
        let began = std::time::Instant::now();
        document.push(&text);
        document.push("x");
        assert!(began.elapsed().as_secs() < 8, "{piece}: {:?}", began.elapsed());
    }
}
