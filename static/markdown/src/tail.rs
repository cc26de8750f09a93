//! Which part of a growing text can be shown without flicker.
//!
//! `Fruits:` followed by `-` is a heading to Markdown until the space of `- apple` arrives, so a paragraph would jump to
//! heading size for one frame. A last line made of marker characters only says nothing to a reader: it waits.

/// A longer run of markers is meant to be seen (a rule drawn by hand, a progress bar).
const LONGEST_MARKER: usize = 12;

/// `text` without a last line that consists of nothing but a few marker characters.
pub fn settled(text: &str) -> &str {
    let (above, last) = match text.rfind('\n') {
        Some(end) => text.split_at(end + 1),
        None => ("", text),
    };
    let is_marker = |c: char| c.is_ascii_digit() || " \t-=*_`~#>|+:.[]()!\\<&$".contains(c);
    if !last.is_empty() && last.len() <= LONGEST_MARKER && last.chars().all(is_marker) { above } else { text }
}
