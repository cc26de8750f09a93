//! Which sides of a run of `*` or `~` can begin or end emphasis, where CommonMark's rule leaves text in Chinese, Japanese or
//! Korean out.
//!
//! To CommonMark, `は**「重要」**な` has no emphasis: a mark of punctuation stands inside and a letter outside. Text without spaces
//! between words has no other way to say it, so here the rule of markdown-cjk-friendly holds: CJK punctuation counts as letters
//! do, and beside a CJK character any other punctuation may stand inside.
//! <https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md>

/// Written in place of a CJK mark that is to count as a letter.
const LETTER: &str = "一";
/// Written in place of a CJK letter, so that the punctuation on the other side of a run may begin or end emphasis.
const MARK: &str = "、";

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Space,
    Mark,
    CjkMark,
    Letter,
    CjkLetter,
}

pub fn kind(c: Option<char>) -> Kind {
    match c {
        None => Kind::Space,
        Some(c) if c.is_whitespace() => Kind::Space,
        Some(c) if c.is_ascii_punctuation() => Kind::Mark,
        Some('\u{ab}' | '\u{bb}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}') => Kind::Mark,
        // Each of three bytes, as their stand-ins are.
        Some(
            '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{3011}'
            | '\u{3014}'..='\u{301f}'
            | '\u{3030}'
            | '\u{30fb}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff01}'..='\u{ff0f}'
            | '\u{ff1a}'..='\u{ff20}'
            | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}',
        ) => Kind::CjkMark,
        Some(
            '\u{1100}'..='\u{11ff}'
            | '\u{2e80}'..='\u{2fdf}'
            | '\u{3004}'..='\u{9fff}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff10}'..='\u{ffdc}',
        ) => Kind::CjkLetter,
        Some(_) => Kind::Letter,
    }
}

/// Whether a run can begin emphasis that stands between these two. What ends it is the same the other way round.
pub fn can_begin(before: Kind, after: Kind) -> bool {
    match after {
        Kind::Space => false,
        Kind::Mark => matches!(before, Kind::Space | Kind::Mark | Kind::CjkMark | Kind::CjkLetter),
        Kind::CjkMark | Kind::Letter | Kind::CjkLetter => true,
    }
}

/// What the parser must read in some other way, so that it sees emphasis where [`can_begin`] does: places, and what to write there.
pub fn disguises(text: &str) -> Vec<(usize, &'static str)> {
    let bytes = text.as_bytes();
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    let mut add = |at: usize, instead: &'static str| {
        // A single character may stand between two runs.
        if found.last().is_none_or(|(last, _)| *last < at) {
            found.push((at, instead));
        }
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let width = bytes.iter().skip(at).take_while(|each| **each == byte).count();
        let is_run = byte == b'*' || (byte == b'~' && width > 1);
        if is_run && let (Some(above), Some(below)) = (text.get(..at), text.get(at + width..)) {
            let (before, after) = (above.chars().next_back(), below.chars().next());
            let (outer, inner) = (kind(before), kind(after));
            let start = at - before.map_or(0, char::len_utf8);
            let is_three_bytes = |c: Option<char>| c.is_some_and(|c| c.len_utf8() == LETTER.len());
            if outer != Kind::Space && inner != Kind::Space {
                // As the end of emphasis: what is outside then stands after it.
                match outer {
                    Kind::CjkMark => add(start, LETTER),
                    Kind::CjkLetter if inner == Kind::Mark && is_three_bytes(before) => add(start, MARK),
                    Kind::Space | Kind::Mark | Kind::Letter | Kind::CjkLetter => {}
                }
                match inner {
                    Kind::CjkMark => add(at + width, LETTER),
                    Kind::CjkLetter if outer == Kind::Mark && is_three_bytes(after) => add(at + width, MARK),
                    Kind::Space | Kind::Mark | Kind::Letter | Kind::CjkLetter => {}
                }
            }
        }
        // Equal bytes that are no run begin none further on either.
        at += width;
    }
    found
}
