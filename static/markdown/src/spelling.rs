//! How a text is spelled for pulldown-cmark, which does not read all that is meant.
//!
//! Some of its characters are replaced by others of the same length, so every place in what the parser says is a place in the text:
//! - formulas that the parser does not know get delimiters that it knows ([`Maths`]), and a `$` that is money a sign;
//! - what is emphasis beside CJK text becomes so to the parser ([`flanks`]);
//! - in an address, `*`, `_`, `~` and `$` mean nothing.
//!
//! Whether any of this is right depends on what is code, and that only the parser knows. So the text is parsed, and where the parser
//! then saw something else, it is spelled as it was and parsed again.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Tag};

use crate::addresses;
use crate::flanks;
use crate::maths::Maths;
use crate::signs::Signs;

/// How often a text is spelled anew: more than any that was not made to spoil it needs. After that it is read as it is.
const MOST_SPELLINGS: usize = 8;

/// A text, and what is known of how it must be spelled.
pub struct Spelling<'a> {
    text: &'a str,
    /// None where the text is read as it is.
    signs: Option<Signs>,
    pub maths: Maths,
    /// Bare ones, and those that links lead to.
    addresses: Vec<(usize, usize)>,
    destinations: Vec<(usize, usize)>,
    disguises: Vec<(usize, &'static str)>,
    spellings: usize,
}

impl<'a> Spelling<'a> {
    pub fn of(text: &'a str) -> Self {
        let (destinations, addresses) =
            addresses::find(text).into_iter().partition(|(from, _)| addresses::is_destination(text, *from));
        Self {
            text,
            signs: Signs::unused_in(text),
            maths: Maths::default(),
            addresses,
            destinations,
            disguises: flanks::disguises(text),
            spellings: 0,
        }
    }

    /// GFM as models write it. Smart punctuation stays off, because it would alter quoted code.
    pub fn options(&self) -> Options {
        let gfm = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM;
        if self.signs.is_some() { gfm | Options::ENABLE_MATH } else { gfm }
    }

    /// The text as the parser is to read it.
    pub fn spell(&mut self) -> String {
        if self.spellings == MOST_SPELLINGS {
            self.signs = None;
        }
        self.spellings += 1;
        let Some(signs) = &self.signs else { return self.text.to_string() };
        let mut bytes = self.text.as_bytes().to_vec();
        let of = |byte: &mut u8| *byte = signs.of(*byte);
        for (start, end) in &self.addresses {
            bytes.get_mut(*start..*end).into_iter().flatten().for_each(of);
        }
        for (at, instead) in &self.disguises {
            overwrite(&mut bytes, *at, instead);
        }
        self.maths.spell(self.text, &mut bytes);
        // A link cannot lead to an address with a control character.
        let is_in_destination = |at: usize| self.destinations.iter().any(|(start, end)| (*start..*end).contains(&at));
        for at in self.maths.money().iter().filter(|at| !is_in_destination(**at)) {
            bytes.get_mut(*at).into_iter().for_each(of);
        }
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Whether the parser saw in `spelled` what was meant. If not, the text is to be spelled again.
    pub fn is_confirmed(&mut self, spelled: &str, events: &[(Event<'_>, Range<usize>)]) -> bool {
        if self.signs.is_none() {
            return true;
        }
        let before = self.disguises.len();
        if before > 0 {
            // What stands in an address, or in code, is to be read as it is.
            let mut shown = events.iter().filter(|(event, range)| is_text_of(event, spelled, range)).peekable();
            self.disguises.retain(|(at, _)| {
                while shown.next_if(|(_, range)| range.end <= *at).is_some() {}
                shown.peek().is_some_and(|(_, range)| range.start <= *at)
            });
        }
        self.maths.is_confirmed(self.text, events) && before == self.disguises.len()
    }

    /// What the parser would have seen at `range` in the text, where it saw `event` in `spelled`.
    pub fn restored<'e>(&self, spelled: &str, range: &Range<usize>, event: &Event<'e>) -> Event<'e>
    where
        'a: 'e,
    {
        let restored = |seen: &CowStr<'e>| match self.signs.as_ref().and_then(|signs| signs.restored(seen)) {
            Some(meant) => CowStr::from(meant),
            None => seen.clone(),
        };
        match event {
            Event::Text(_) if is_text_of(event, spelled, range) => {
                Event::Text(CowStr::Borrowed(self.text.get(range.clone()).unwrap_or_default()))
            }
            Event::Text(text) => Event::Text(restored(text)),
            Event::Code(text) => Event::Code(restored(text)),
            Event::Html(text) => Event::Html(restored(text)),
            Event::InlineHtml(text) => Event::InlineHtml(restored(text)),
            Event::Start(Tag::Link { link_type, dest_url, .. }) => Event::Start(Tag::Link {
                link_type: *link_type,
                dest_url: restored(dest_url),
                title: CowStr::Borrowed(""),
                id: CowStr::Borrowed(""),
            }),
            Event::Start(Tag::Image { link_type, dest_url, .. }) => Event::Start(Tag::Image {
                link_type: *link_type,
                dest_url: restored(dest_url),
                title: CowStr::Borrowed(""),
                id: CowStr::Borrowed(""),
            }),
            other => other.clone(),
        }
    }

    /// The formula that the parser saw as `tex`, its delimiters included, and whether it stands in a line of its own.
    pub fn formula(&self, tex: &str, is_display: bool, range: &Range<usize>) -> (String, bool) {
        let (source, is_display) = self.maths.source(self.text, tex, is_display, range);
        (self.signs.as_ref().and_then(|signs| signs.restored(&source)).unwrap_or(source), is_display)
    }
}

/// Whether `event` is text, and that of `spelled` to the letter.
fn is_text_of(event: &Event<'_>, spelled: &str, range: &Range<usize>) -> bool {
    matches!(event, Event::Text(text) if spelled.get(range.clone()) == Some(text))
}

/// Writes `instead` into `bytes` from `at` on.
pub fn overwrite(bytes: &mut [u8], at: usize, instead: &str) {
    for (byte, new) in bytes.iter_mut().skip(at).zip(instead.bytes()) {
        *byte = new;
    }
}
