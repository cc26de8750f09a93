//! What a reasoning model thinks before it answers: `<think>…</think>` at the start of its text. Some servers ask the model with the first tag in
//! place, so that only the last one is in its answer.

const BEGIN: &str = "<think>";
const END: &str = "</think>";

/// The thoughts of `text`, if it begins with any, and the answer after them; the answer is none while the thoughts go on.
pub fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(rest) = text.trim_ascii_start().strip_prefix(BEGIN) else {
        return ended(text).map(|(thoughts, answer)| (thoughts, Some(answer)));
    };
    Some(rest.split_once(END).map_or((rest, None), |(thoughts, answer)| (thoughts, Some(answer))))
}

/// What stands before and after an end that no begin belongs to: at the start of a line, and in no block of code.
fn ended(text: &str) -> Option<(&str, &str)> {
    let mut is_code = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.contains(BEGIN) {
            return None;
        }
        let words = line.trim_ascii_start();
        if words.starts_with("```") || words.starts_with("~~~") {
            is_code = !is_code;
        } else if !is_code && line.starts_with(END) {
            return Some((text.get(..at)?, text.get(at + END.len()..)?));
        }
        at += line.len();
    }
    None
}

/// The block that folds thoughts away, of which `blocks` is the HTML. The page writes into its head.
pub fn folded(blocks: &[String]) -> String {
    ["<details class=\"thoughts\"><summary></summary>", &blocks.concat(), "</details>"].concat()
}
