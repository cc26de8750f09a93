//! The last words of a growing text, shown as they will be once they are whole.
//!
//! `**bo` would be two asterisks until its end arrives, `[a](https://` brackets and half an address, `\(\frac` a formula's source.
//! So in the last paragraph what was begun is ended, or waits: emphasis and code are closed, of a link only its words are shown,
//! and what is too short to tell what it will be is left out, up to a length where it hardly comes to anything.
//! None of this outlives the next words: the whole text is never mended.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::flanks::{Kind, can_begin, kind};
use crate::maths::{BEGIN, environment, is_environment};
use crate::tags::honoured;

/// How long something in brackets, or a formula in a line, is waited for.
const LONGEST_WORDS: usize = 160;
/// How long a formula of its own is waited for.
const LONGEST_FORMULA: usize = 2_000;
/// How far the end of something in brackets is looked for.
const LONGEST_LINK: usize = 1_000;
/// A longer piece of code in a line is not closed: its first sign was one alone.
const LONGEST_CODE: usize = 300;
/// A longer paragraph is shown as it is.
const LONGEST_PARAGRAPH: usize = 8_000;
/// A longer tag or reference to a character is none.
const LONGEST_TAG: usize = 9;

pub enum Mended<'a> {
    /// What may be shown, to be looked at once more.
    Cut(&'a str),
    /// What may be shown.
    Whole(String),
}

/// `text` mended, if its last paragraph needs it. `events` are what the parser saw in it.
pub fn mended<'a>(text: &'a str, events: &[(Event<'_>, Range<usize>)]) -> Option<Mended<'a>> {
    let start = last_paragraph(text, events)?;
    let mut scan = Scan { text: text.get(start..)?, at: 0, end: None, open: Vec::new() };
    scan.run();
    let Scan { text: paragraph, end, mut open, .. } = scan;
    let words = end.as_ref().map_or(paragraph.len(), |end| end.at);
    let mut shown = paragraph.get(..words)?.trim_ascii_end();
    let tail = end.and_then(|end| end.words);
    // What was begun and has nothing in it waits, too.
    while tail.is_none()
        && let Some(last) = open.pop_if(|last| last.start + last.length >= shown.len())
    {
        shown = shown.get(..last.start)?.trim_ascii_end();
    }
    if open.is_empty() && tail.is_none() {
        let cut = text.get(..start + shown.len())?;
        return (shown.len() < paragraph.trim_ascii_end().len()).then_some(Mended::Cut(cut));
    }
    let mut whole = [text.get(..start)?, shown].concat();
    if let Some(range) = tail {
        whole.push_str(paragraph.get(shown.len()..words)?);
        whole.push_str(paragraph.get(range)?);
    }
    for last in open.iter().rev() {
        match last.tag {
            Some(name) => ["</", name, ">"].iter().for_each(|part| whole.push_str(part)),
            None => (0..last.length).for_each(|_| whole.push(char::from(last.byte))),
        }
    }
    Some(Mended::Whole(whole))
}

/// Where the paragraph begins that the text may go on with.
fn last_paragraph(text: &str, events: &[(Event<'_>, Range<usize>)]) -> Option<usize> {
    let mut last = None;
    for (event, range) in events {
        match event {
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item) => last = Some(range.start),
            // A tag that is hardly begun may still become another one.
            Event::Start(Tag::HtmlBlock) => last = Some(range.start).filter(|start| text.len() - start <= LONGEST_TAG),
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_)) | Event::Rule => last = None,
            _ => {}
        }
    }
    let paragraph = text.get(last?..)?;
    // The last line may be empty: the one after it decides.
    let is_closed = paragraph.split('\n').rev().skip(1).any(|line| line.trim_ascii().is_empty());
    (!is_closed && paragraph.len() <= LONGEST_PARAGRAPH).then_some(last?)
}

/// Something that was begun and not ended.
struct Open {
    start: usize,
    length: usize,
    byte: u8,
    tag: Option<&'static str>,
}

/// Where what can be shown ends, and which words come after that all the same.
struct End {
    at: usize,
    words: Option<Range<usize>>,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    end: Option<End>,
    open: Vec<Open>,
}

impl<'a> Scan<'a> {
    fn rest(&self, from: usize) -> &'a str {
        self.text.get(from..).unwrap_or_default()
    }

    /// What comes from `from` on, at most so much.
    fn window(&self, from: usize, longest: usize) -> &'a [u8] {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.get(..longest).unwrap_or(rest)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }

    /// Shows nothing from `at` on.
    fn cut(&mut self, at: usize) {
        self.end = Some(End { at, words: None });
    }

    /// Shows nothing from here on if there is less than `longest`; then the next character is looked at.
    fn wait(&mut self, longest: usize) {
        if self.text.len() - self.at <= longest {
            self.cut(self.at);
        }
        self.at += 1;
    }

    fn run(&mut self) {
        while self.end.is_none() && self.at < self.text.len() {
            match self.byte(self.at) {
                b'\\' => self.backslash(),
                b'`' => self.code(),
                b'$' => self.dollar(),
                b'[' => self.bracket(),
                b'<' => self.tag(),
                b'&' => {
                    let rest = self.rest(self.at + 1);
                    let is_half = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
                    self.wait(if is_half { LONGEST_TAG } else { 0 });
                }
                b'*' | b'_' | b'~' => self.emphasis(),
                _ => self.at += 1,
            }
        }
    }

    fn backslash(&mut self) {
        let rest = self.rest(self.at);
        let (end, longest): (&[u8], _) = match self.byte(self.at + 1) {
            0 => return self.cut(self.at),
            b'(' => (b"\\)", LONGEST_WORDS),
            b'[' => (b"\\]", LONGEST_FORMULA),
            b'b' if BEGIN.starts_with(rest) => return self.cut(self.at),
            b'b' if rest.strip_prefix(BEGIN).is_some_and(|name| !name.contains('}') || is_environment(name)) => {
                match environment(self.text, self.at) {
                    Some(end) => self.at = end,
                    None => self.wait(LONGEST_FORMULA),
                }
                return;
            }
            _ => return self.at += 2,
        };
        match find(self.window(self.at + 2, longest), end) {
            Some(length) => self.at += length + 4,
            None => self.wait(longest),
        }
    }

    fn code(&mut self) {
        let rest = self.rest(self.at);
        let width = run(rest);
        let after = rest.get(width..).unwrap_or_default();
        let mut at = 0;
        while let Some(&byte) = after.as_bytes().get(at) {
            let length = if byte == b'`' { run(after.get(at..).unwrap_or_default()) } else { 1 };
            if byte == b'`' && length == width {
                return self.at += width + at + length;
            }
            at += length;
        }
        let inside = after.trim_end_matches('`');
        let start = self.at;
        if inside.trim_ascii().is_empty() {
            return self.cut(start);
        }
        if inside.len() > LONGEST_CODE || inside.contains('\n') {
            return self.at += width;
        }
        self.open.push(Open { start, length: width, byte: b'`', tag: None });
        self.cut(start + width + inside.len());
    }

    fn dollar(&mut self) {
        let width = run(self.rest(self.at));
        let after = self.rest(self.at + width);
        let mut letters = after.bytes();
        let (first, second) = (letters.next().unwrap_or(b'a'), letters.next().unwrap_or_default());
        let is_shells = b"_{(".contains(&first) || (first.is_ascii_uppercase() && second.is_ascii_uppercase());
        match width {
            1 if first.is_ascii_whitespace() || first.is_ascii_digit() || is_shells => self.at += 1,
            1 => match find(self.window(self.at + 1, LONGEST_WORDS), b"$") {
                Some(length) => self.at += length + 2,
                None if after.contains('\n') => self.at += 1,
                None => self.wait(LONGEST_WORDS),
            },
            2 => match find(self.window(self.at + 2, LONGEST_FORMULA), b"$$") {
                Some(length) => self.at += length + 4,
                None => self.wait(LONGEST_FORMULA),
            },
            _ => self.at += width,
        }
    }

    /// A link or an image, or something else in brackets.
    fn bracket(&mut self) {
        let is_image = self.at > 0 && self.byte(self.at - 1) == b'!';
        let start = self.at - usize::from(is_image);
        let label = self.at + 1;
        let Some(length) = closing(self.window(label, LONGEST_LINK), b'[', b']') else {
            return self.wait_for_brackets(start);
        };
        let after = label + length + 1;
        let pair = match self.byte(after) {
            0 => return self.wait_for_brackets(start),
            b'(' => (b'(', b')'),
            b'[' => (b'[', b']'),
            b':' if self.rest(after + 1).trim_ascii().is_empty() => return self.wait_for_brackets(start),
            _ => return self.at += 1,
        };
        match closing(self.window(after + 1, LONGEST_LINK), pair.0, pair.1) {
            Some(length) => self.at = after + 1 + length + 1,
            None if self.rest(after).contains('\n') => self.at += 1,
            // Its words alone. An image is seen once it is whole.
            None if is_image => self.cut(start),
            None => self.end = Some(End { at: start, words: Some(label..label + length) }),
        }
    }

    fn wait_for_brackets(&mut self, start: usize) {
        if self.rest(start).len() <= LONGEST_WORDS && !self.rest(start).contains('\n') {
            self.cut(start);
        }
        self.at += 1;
    }

    fn tag(&mut self) {
        let rest = self.rest(self.at);
        let Some(length) = rest.find('>') else {
            let is_address = rest.get(1..).is_some_and(|rest| "https://".starts_with(rest) || rest.starts_with("http"));
            let mut name = rest.bytes().skip(1);
            let is_name = name.next().is_none_or(|byte| byte.is_ascii_alphabetic() || byte == b'/')
                && name.all(|byte| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b' ');
            return match (is_address && !rest.contains(' '), is_name) {
                (true, _) => self.wait(LONGEST_WORDS),
                (false, true) => self.wait(LONGEST_TAG),
                (false, false) => self.at += 1,
            };
        };
        match honoured(rest.get(..=length).unwrap_or_default()) {
            Some((name, false)) => {
                self.open.push(Open { start: self.at, length: length + 1, byte: 0, tag: Some(name) });
                self.at += length + 1;
            }
            Some((name, true)) => {
                if let Some(index) = self.open.iter().rposition(|open| open.tag == Some(name)) {
                    self.open.truncate(index);
                }
                self.at += length + 1;
            }
            None => self.at += 1,
        }
    }

    fn emphasis(&mut self) {
        let (start, byte) = (self.at, self.byte(self.at));
        let mut width = run(self.rest(start));
        self.at += width;
        let before = self.text.get(..start).and_then(|above| above.chars().next_back());
        let after = self.rest(self.at).chars().next();
        let (outer, inner) = (kind(before), kind(after));
        let can_end = can_begin(inner, outer) && (byte != b'_' || !matches!(inner, Kind::Letter | Kind::CjkLetter));
        if can_end {
            while width > 0
                && let Some(last) = self.open.last_mut().filter(|last| last.byte == byte)
            {
                let both = width.min(last.length);
                (width, last.length) = (width - both, last.length - both);
                if last.length == 0 {
                    self.open.pop();
                }
            }
        }
        // Inside a word it is hardly meant, as in `a*b`.
        let could_begin = outer != Kind::Letter && (byte != b'_' || outer != Kind::CjkLetter);
        if width == 0 || (byte == b'~' && width != 2 && after.is_some()) {
            return;
        }
        if after.is_none() {
            // Nobody knows yet what it will be.
            self.cut(self.at - width);
        } else if could_begin && can_begin(outer, inner) {
            self.open.push(Open { start: self.at - width, length: width, byte, tag: None });
        }
    }
}

/// How often the first character of `text` stands there in a row.
fn run(text: &str) -> usize {
    let bytes = text.as_bytes();
    bytes.iter().take_while(|byte| Some(*byte) == bytes.first()).count()
}

/// Where `wanted` begins in `bytes`, if it is not escaped.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(wanted)) {
            return Some(at);
        }
        at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
    }
    None
}

/// Where the bracket stands in `bytes` that closes one which was opened before them.
fn closing(bytes: &[u8], opening: u8, closing: u8) -> Option<usize> {
    let (mut at, mut depth) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            _ if byte == opening => depth += 1,
            _ if byte == closing && depth == 0 => return Some(at),
            _ if byte == closing => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}
