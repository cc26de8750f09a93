//! Where a text has formulas: `$…$` and `$$…$$`, which pulldown-cmark reads, and `\(…\)`, `\[…\]` and `\begin{align}…\end{align}`,
//! which it does not.
//!
//! The text is spelled with `$$` at both ends of those, which moves nothing, and parsed; where the parser then saw no formula from
//! the one end to the other, the text is spelled as it was and parsed again. The same way
//! - the lines of a formula that stands alone are joined, because `- b` or `= c` at the start of one of them would be a list
//!   or a heading to Markdown;
//! - a `$` that is money, or a shell's, begins and ends no formula.

use std::ops::Range;

use pulldown_cmark::Event;

use crate::spelling::overwrite;

/// A longer environment is not looked for.
const LONGEST_ENVIRONMENT: usize = 2_000;

/// How an environment begins, and ends.
pub const BEGIN: &str = "\\begin{";
const END: &str = "\\end{";

/// How the names of TeX's environments that are formulas begin, or end.
const ENVIRONMENTS: &[&str] = &["align", "gather", "equation", "multline", "eqnarray", "split", "cases", "array"];
const MATRIX: &str = "matrix";

/// The dash between two numbers that are the ends of a range.
const DASH: &[u8] = "–".as_bytes();

/// What may follow a formula without a space, as in `$n$th`.
const ENDINGS: &[&[u8]] = &[b"th", b"st", b"nd", b"rd", b"s", b"d"];

/// A formula that pulldown-cmark is made to see.
#[derive(Clone, Copy, PartialEq)]
struct Formula {
    start: usize,
    end: usize,
    is_inline: bool,
    is_joined: bool,
    /// Where an environment's end has a brace that would stand alone without the last two characters.
    brace: Option<usize>,
}

/// A text's formulas as far as they are known.
#[derive(Default)]
pub struct Maths {
    formulas: Vec<Formula>,
    /// Where something looked like the start of a formula and was not.
    refused: Vec<usize>,
    money: Vec<usize>,
}

impl Maths {
    /// Spells in `bytes`, which are those of `text`, the formulas as pulldown-cmark reads them.
    pub fn spell(&mut self, text: &str, bytes: &mut [u8]) {
        self.formulas.clear();
        self.find(text);
        for formula in &self.formulas {
            if formula.is_joined {
                for byte in bytes.iter_mut().take(formula.end).skip(formula.start) {
                    if matches!(byte, b'\n' | b'\r') {
                        *byte = b' ';
                    }
                }
            }
            overwrite(bytes, formula.start, "$$");
            overwrite(bytes, formula.end - 2, "$$");
            if let Some(brace) = formula.brace {
                overwrite(bytes, brace, " ");
            }
        }
    }

    /// The places of every `$` that belongs to no formula.
    pub fn money(&self) -> &[usize] {
        &self.money
    }

    /// Whether the parser saw what was meant. If not, the text is to be spelled again.
    pub fn is_confirmed(&mut self, text: &str, events: &[(Event<'_>, Range<usize>)]) -> bool {
        let (refused, money) = (self.refused.len(), self.money.len());
        let mut seen = Vec::new();
        for (event, range) in events {
            match event {
                Event::DisplayMath(_) => seen.push((range.start, range.end)),
                Event::InlineMath(_) if is_money(text, range) => {
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
                (b'\\', b'b') if open.is_none() && self.refused.binary_search(&at).is_err() => {
                    if let Some(end) = environment(text, at) {
                        self.add(text, at, end, b'b');
                        width = end - at;
                    }
                }
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
        let has_lines = inside.contains('\n');
        let is_joined = opener != b'(' && is_alone && has_lines;
        let is_formula = match opener {
            // What pulldown-cmark reads by itself is left to it.
            b'$' => is_joined,
            b'b' => is_alone || !has_lines,
            // Brackets that only were escaped, as in `see \[1\]`.
            b'[' if is_alone => !is_remark(inside.as_bytes()),
            b'[' => inside.bytes().any(|byte| b"\\^_={}<>+".contains(&byte)),
            _ => true,
        };
        if is_formula && !inside.trim_ascii().is_empty() {
            let is_environment = opener == b'b';
            self.formulas.push(Formula {
                start,
                end,
                is_inline: opener == b'(' || (is_environment && !is_alone),
                is_joined: is_joined || is_environment,
                brace: inside.rfind('{').filter(|_| is_environment).map(|at| start + 2 + at),
            });
        }
    }
}

/// Whether the environment is a formula whose name begins `rest`.
pub fn is_environment(rest: &str) -> bool {
    let name = rest.split('}').next().unwrap_or_default();
    ENVIRONMENTS.iter().any(|known| name.starts_with(known)) || name.ends_with(MATRIX)
}

/// Where the environment ends that begins at `at`, if it is a formula.
pub fn environment(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(BEGIN).filter(|rest| is_environment(rest))?;
    let name = rest.split('}').next()?;
    let mut is_blank = false;
    for (from, c) in rest.char_indices().take(LONGEST_ENVIRONMENT) {
        match c {
            '\n' if is_blank => return None,
            '\n' => is_blank = true,
            ' ' | '\t' | '\r' => {}
            _ => is_blank = false,
        }
        if c == '\\'
            && let Some(end) = rest.get(from..).and_then(|end| end.strip_prefix(END))
            && end.strip_prefix(name).is_some_and(|end| end.starts_with('}'))
        {
            return Some(at + BEGIN.len() + from + END.len() + name.len() + 1);
        }
    }
    None
}

/// Whether the two `$` at the ends of `range` belong to no formula, by what stands between and after them.
fn is_money(text: &str, range: &Range<usize>) -> bool {
    let inside = text.get(range.start + 1..range.end - 1).unwrap_or_default().as_bytes();
    let after = text.get(range.end..).unwrap_or_default().as_bytes();
    match after.first() {
        // The rule of pandoc: `$5–$9`.
        Some(byte) if byte.is_ascii_digit() => return true,
        // A shell's: `$A:$B`, `${A}/${B}`, `$(a)$(b)`.
        Some(b'{' | b'_') => return true,
        Some(b'(') if inside.first() == Some(&b'(') => return true,
        Some(byte) if byte.is_ascii_alphabetic() => {
            let length = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            return !after.get(..length).is_some_and(|word| ENDINGS.contains(&word));
        }
        _ => {}
    }
    // `5$-10$`, `10$/20$`: amounts with the sign behind.
    let before = text.get(..range.start).unwrap_or_default().as_bytes();
    let behind = [b"-", DASH, b"/"].iter().find_map(|between: &&[u8]| inside.strip_prefix(*between));
    if before.last().is_some_and(u8::is_ascii_digit)
        && behind.is_some_and(|amount| !amount.is_empty() && amount.iter().all(|byte| b"0123456789.,".contains(byte)))
    {
        return true;
    }
    // `$10 to 20$`, `$1,000 (or 900$)`, `$10–20$`: a number, and then words, or a dash that no formula has.
    let is_word = |word: &[u8]| {
        let word = word.strip_prefix(b"(").unwrap_or(word);
        word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic)
    };
    inside.first().is_some_and(u8::is_ascii_digit)
        && !inside.contains(&b'\\')
        && (inside.split(u8::is_ascii_whitespace).any(is_word) || inside.windows(DASH.len()).any(|part| part == DASH))
}

/// Whether what stands in escaped brackets is no formula: numbers, as of a reference, or words, as in `\[draft\]`.
fn is_remark(inside: &[u8]) -> bool {
    let is_plain = inside.iter().all(|byte| byte.is_ascii_alphanumeric() || b" ,.-".contains(byte));
    let is_word = |word: &[u8]| word.len() > 2 && word.iter().all(u8::is_ascii_alphabetic);
    is_plain
        && (!inside.iter().any(u8::is_ascii_alphabetic) || inside.split(|byte| b" ,.-".contains(byte)).any(is_word))
}

/// Inserts `place` into places in ascending order, if it is not there. Not `sort`, which weighs 2 kB over the wire.
fn insert(places: &mut Vec<usize>, place: usize) {
    if let Err(index) = places.binary_search(&place) {
        places.insert(index, place);
    }
}
