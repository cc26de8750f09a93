//! Which part of a growing text can be shown without flicker.
//!
//! `Fruits:` followed by `-` is a heading to Markdown until the space of `- apple` arrives, so a paragraph would jump to
//! heading size for one frame. A last line made of marker characters only says nothing to a reader: it waits. So does a row of
//! a table until it is whole: its head would be a paragraph of bars, and what stands right-aligned in it would move as it grows.

/// A longer run of markers is meant to be seen (a rule drawn by hand, a progress bar).
const LONGEST_MARKER: usize = 12;

/// A longer line is no row of a table.
const LONGEST_ROW: usize = 1000;

/// `text` without a last line that consists of nothing but a few marker characters, and without a row or head of a table that is not
/// whole.
pub fn settled(text: &str) -> &str {
    let (above, last) = last_line(text);
    if is_row(last) || last.is_empty() {
        // A single line of bars is a head that still lacks the line below it.
        let (before, head) = last_line(above.strip_suffix('\n').unwrap_or(above));
        let is_head = is_row(head) && !is_row(last_line(before.strip_suffix('\n').unwrap_or(before)).1);
        return if is_head { before } else { above };
    }
    let is_marker = |c: char| c.is_ascii_digit() || " \t-=*_`~#>|+:.[]()!\\<&$".contains(c);
    if !last.is_empty() && last.len() <= LONGEST_MARKER && last.chars().all(is_marker) { above } else { text }
}

/// What comes before the last line, and that line.
fn last_line(text: &str) -> (&str, &str) {
    match text.rfind('\n') {
        Some(end) => text.split_at(end + 1),
        None => ("", text),
    }
}

fn is_row(line: &str) -> bool {
    line.len() <= LONGEST_ROW && line.trim_start().starts_with('|')
}
