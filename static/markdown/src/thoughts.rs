//! What a reasoning model thinks before it answers: `<think>…</think>` at the start of its text.

const BEGIN: &str = "<think>";
const END: &[u8] = b"</think>";

/// The thoughts of `text`, if it begins with any, and the answer after them; the answer is none while the thoughts go on.
pub fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.trim_ascii_start().strip_prefix(BEGIN)?;
    let end = rest.as_bytes().windows(END.len()).position(|part| part == END);
    Some(match end {
        Some(end) => (rest.get(..end)?, rest.get(end + END.len()..)),
        None => (rest, None),
    })
}

/// The block that folds thoughts away, of which `blocks` is the HTML. The page writes into its head.
pub fn folded(blocks: &[String]) -> String {
    ["<details class=\"thoughts\"><summary></summary>", &blocks.concat(), "</details>"].concat()
}
