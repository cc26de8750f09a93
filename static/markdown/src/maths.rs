//! Where a text has formulas: `$…$` and `$$…$$`, which pulldown-cmark reads, and `\(…\)` and `\[…\]`, which it does not.
//!
//! Whether `\(` begins a formula depends on what is code, and that only the parser knows. So the text is spelled with
//! `$$` in its place, which has the same length, and parsed; where the parser then saw no formula from the one end to the
//! other, the text is spelled as it was and parsed again. The same way
//! - the lines of a formula that stands alone are joined, because `- b` or `= c` at the start of one of them would be a list
//!   or a heading to Markdown;
//! - a `$` with a digit after it ends no formula (pandoc's rule), so that `$5–$9` stays money.

use std::ops::Range;

use pulldown_cmark::Event;

/// Stands for a `$` that is money. A control character, as no text has it; one byte, so that no place moves.
const MONEY: char = '\u{1a}';

/// So often a text is spelled anew, which is more than any that was not made to spoil it needs. Then it has no formulas.
const MOST_SPELLINGS: usize = 8;

/// A formula that pulldown-cmark is made to see.
#[derive(Clone, Copy, PartialEq)]
struct Formula {
    start: usize,
    end: usize,
    is_inline: bool,
    is_joined: bool,
}

/// A text's formulas as far as they are known.
#[derive(Default)]
pub struct Maths {
    formulas: Vec<Formula>,
    /// Where something looked like the start of a formula and was not.
    refused: Vec<usize>,
    money: Vec<usize>,
    spellings: usize,
}

impl Maths {
    /// `text` as pulldown-cmark is to read it. Every place in it is what it was.
    pub fn spell(&mut self, text: &str) -> String {
        self.formulas.clear();
        if self.spellings == MOST_SPELLINGS {
            return text.chars().map(|c| if c == '$' { MONEY } else { c }).collect();
        }
        self.find(text);
        let mut spelled = String::with_capacity(text.len());
        let mut money = self.money.iter().copied().peekable();
        let mut formulas = self.formulas.iter().copied().peekable();
        for (at, c) in text.char_indices() {
            formulas.next_if(|formula| formula.end <= at);
            let inside = formulas.peek().filter(|formula| formula.start <= at);
            let is_delimiter = |formula: &Formula| at < formula.start + 2 || at + 2 >= formula.end;
            if money.next_if_eq(&at).is_some() {
                spelled.push(MONEY);
            } else if inside.is_some_and(is_delimiter) {
                spelled.push('$');
            } else if inside.is_some_and(|formula| formula.is_joined) && (c == '\n' || c == '\r') {
                spelled.push(' ');
            } else {
                spelled.push(c);
            }
        }
        spelled
    }

    /// Whether the parser saw what was meant. If not, the text is to be spelled again.
    pub fn is_confirmed(&mut self, text: &str, events: &[(Event<'_>, Range<usize>)]) -> bool {
        if self.spellings == MOST_SPELLINGS {
            return true;
        }
        self.spellings += 1;
        let (refused, money) = (self.refused.len(), self.money.len());
        let mut seen = Vec::new();
        for (event, range) in events {
            match event {
                Event::DisplayMath(_) => seen.push((range.start, range.end)),
                Event::InlineMath(_) if text.as_bytes().get(range.end).is_some_and(u8::is_ascii_digit) => {
                    insert(&mut self.money, range.start);
                    insert(&mut self.money, range.end - 1);
                }
                _ => {}
            }
        }
        for formula in &self.formulas {
            if seen.binary_search(&(formula.start, formula.end)).is_err() {
                insert(&mut self.refused, formula.start);
            }
        }
        self.refused.len() == refused && self.money.len() == money
    }

    /// What `text` says in the place of a formula that the parser saw there, its delimiters included, and whether it stands
    /// in a line of its own.
    pub fn source(&self, text: &str, tex: &str, is_display: bool, range: &Range<usize>) -> (String, bool) {
        let formula = self.formulas.binary_search_by_key(&range.start, |formula| formula.start);
        let formula = formula.ok().and_then(|index| self.formulas.get(index)).filter(|_| is_display);
        let width = if is_display { 2 } else { 1 };
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let source = if formula.is_some_and(|formula| formula.is_joined) {
            part(range.clone()).to_string()
        } else {
            // Not the text in between: it may have the marks of a quote at the start of its lines.
            let (open, close) = (part(range.start..range.start + width), part(range.end - width..range.end));
            [open, tex, close].concat()
        };
        (source, is_display && !formula.is_some_and(|formula| formula.is_inline))
    }

    /// Finds what looks like a formula: two delimiters that belong together, no empty line and no fence between them.
    fn find(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut open: Option<(usize, u8)> = None;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied().unwrap_or_default();
            let mut width = 1;
            match (byte, next) {
                (b'\\', b'(' | b'[') => {
                    width = 2;
                    if self.refused.binary_search(&at).is_err() {
                        open = Some((at, next));
                    }
                }
                (b'\\', b')' | b']') => {
                    width = 2;
                    if let Some((start, opener)) = open
                        && (opener == b'(') == (next == b')')
                        && opener != b'$'
                    {
                        self.add(text, start, at + 2, opener);
                        open = None;
                    }
                }
                // An escaped character, of which `\\` matters: `\\[2pt]` begins nothing. A line's end is no such.
                (b'\\', 0x21..=0x7e) => width = 2,
                (b'$', b'$') => {
                    width = bytes.iter().skip(at).take_while(|byte| **byte == b'$').count();
                    match open {
                        _ if width > 2 => open = None,
                        Some((start, b'$')) => {
                            self.add(text, start, at + 2, b'$');
                            open = None;
                        }
                        _ if self.refused.binary_search(&at).is_err() => open = Some((at, b'$')),
                        _ => {}
                    }
                }
                (b'\n', _) => {
                    let line = text
                        .get(at + 1..)
                        .and_then(|rest| rest.split('\n').next())
                        .unwrap_or_default()
                        .trim_ascii_start();
                    if line.is_empty() || line.starts_with("```") || line.starts_with("~~~") {
                        open = None;
                    }
                }
                _ => {}
            }
            at += width;
        }
    }

    fn add(&mut self, text: &str, start: usize, end: usize, opener: u8) {
        let (above, inside, below) = match (text.get(..start), text.get(start + 2..end - 2), text.get(end..)) {
            (Some(above), Some(inside), Some(below)) => (above, inside, below),
            _ => return,
        };
        // What stands before it may be a list's marker, but no quote's: that is repeated in each of its lines.
        let before = above.rsplit('\n').next().unwrap_or_default();
        let after = below.split('\n').next().unwrap_or_default();
        let is_alone = before.bytes().all(|byte| byte.is_ascii_digit() || b" \t-*+.)".contains(&byte))
            && after.bytes().all(|byte| b" \t\r.,;:".contains(&byte));
        let is_joined = opener != b'(' && is_alone && inside.contains('\n');
        // What pulldown-cmark reads by itself is left to it.
        if !inside.trim_ascii().is_empty() && (is_joined || opener != b'$') {
            self.formulas.push(Formula { start, end, is_inline: opener == b'(', is_joined });
        }
    }
}

/// Inserts `place` into places in ascending order, if it is not there. Not `sort`, which weighs 2 kB over the wire.
fn insert(places: &mut Vec<usize>, place: usize) {
    if let Err(index) = places.binary_search(&place) {
        places.insert(index, place);
    }
}

/// `text` with the signs that [`Maths::spell`] took out of it.
pub fn restored(text: &str) -> Option<String> {
    text.contains(MONEY).then(|| text.chars().map(|c| if c == MONEY { '$' } else { c }).collect())
}
