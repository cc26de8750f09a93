//! Addresses that stand bare in a text, as GFM links them: `https://…`, `http://…` and `www.…`.

use crate::flanks::{Kind, kind};

/// Trailing characters that belong to the sentence, not to the address.
const TRAILING: &[u8] = b"?!.,:;*_~'";

/// Whether the address that begins at `from` is where a link of Markdown leads. There its characters mean nothing anyway.
pub fn is_destination(text: &str, from: usize) -> bool {
    text.get(..from).is_some_and(|above| above.ends_with("](") || above.ends_with('<') || above.ends_with("]: "))
}

/// The bare addresses of `text`, in order: their start and end.
pub fn find(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        let from = match byte {
            b':' => scheme(bytes, at),
            b'w' | b'W' => start(bytes, at, b"www."),
            _ => None,
        };
        let Some(from) = from.filter(|from| found.last().is_none_or(|(_, end)| end <= from)) else { continue };
        let before = text.get(..from).and_then(|above| above.chars().next_back());
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || (*byte != b':' && "./:@-".contains(c))) {
            continue;
        }
        let host = if *byte == b':' { at + 3 } else { from };
        if let Some(length) = text.get(host..).and_then(length) {
            found.push((from, host + length));
        }
    }
    found
}

/// Where the address begins whose `:` stands at `at`.
fn scheme(bytes: &[u8], at: usize) -> Option<usize> {
    start(bytes, at, b"://")?;
    [4, 5].into_iter().find_map(|length| {
        let from = at.checked_sub(length)?;
        let word = bytes.get(from..at)?;
        (word.eq_ignore_ascii_case(b"http") || word.eq_ignore_ascii_case(b"https")).then_some(from)
    })
}

/// `at`, if `word` stands there.
fn start(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word)).then_some(at)
}

/// How long the address is whose host begins `rest`; nothing if there is no host.
fn length(rest: &str) -> Option<usize> {
    if !rest.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut end = rest.len();
    let mut is_host = true;
    let mut last = ' ';
    for (at, c) in rest.char_indices() {
        is_host &= !"/?#".contains(c);
        let is_outside = match kind(Some(c)) {
            Kind::Space | Kind::CjkMark => true,
            Kind::Mark => !c.is_ascii() || "\"<>[]\\`{}|^".contains(c),
            // No host is written half in letters of ASCII and then in others: a sentence goes on without a space.
            Kind::Letter | Kind::CjkLetter => is_host && !c.is_ascii() && last.is_ascii_alphanumeric(),
        };
        if is_outside || c.is_control() {
            end = at;
            break;
        }
        last = c;
    }
    let length = trimmed(rest.get(..end)?).len();
    (length > 0).then_some(length)
}

/// `address` without what ends the sentence around it: marks, and brackets that were opened before it.
fn trimmed(address: &str) -> &str {
    let mut bytes = address.as_bytes();
    let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
    let mut surplus = count(b')').saturating_sub(count(b'('));
    while let [all @ .., last] = bytes {
        if *last == b')' && surplus > 0 {
            surplus -= 1;
        } else if !TRAILING.contains(last) {
            break;
        }
        bytes = all;
    }
    address.get(..bytes.len()).unwrap_or_default()
}
