//! Markdown of a model's answer to HTML, block by block, for the page (compiled to Wasm).
//!
//! [`Document`] takes the text as it arrives and says which top-level blocks changed; [`html`] writes
//! one block. Making the HTML harmless a second time (DOMPurify) and putting it into the DOM is the page's work.
//!
//! The whole text is parsed on every [`Document::push`]. That keeps the one rule that matters trivially true:
//! the blocks depend on the text alone, never on how it was cut, also when a link or footnote definition at the
//! end changes a paragraph far above.

mod addresses;
mod flanks;
mod html;
mod maths;
mod mend;
mod signs;
mod spelling;
mod tags;
mod tail;
mod thoughts;

use std::ops::Range;

use mend::Mended;
use pulldown_cmark::{Event, Parser};
use spelling::Spelling;
use wasm_bindgen::prelude::wasm_bindgen;

/// Rust's own allocator for Wasm is built for speed that nobody here would notice, and larger.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// How often the end of a growing text is looked at: once, and where that cuts something off, what is then its end.
const MOST_MENDS: u8 = 2;

/// A text that grows, and the HTML of its top-level blocks.
#[wasm_bindgen]
pub struct Document {
    text: String,
    blocks: Vec<String>,
    kept: usize,
    anchor: String,
}

#[wasm_bindgen]
impl Document {
    /// An empty document. `anchor` goes into the ids of footnotes, so that two documents on one page do not collide;
    /// everything but ASCII letters, digits and `-` is dropped from it.
    #[wasm_bindgen(constructor)]
    pub fn new(anchor: &str) -> Self {
        let anchor = anchor.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        Self { text: String::new(), blocks: Vec::new(), kept: 0, anchor }
    }

    /// Adds text that has just arrived and returns the HTML of every block from index [`Document::kept`] on; the blocks
    /// before it did not change. A last line that could still turn the block above it into something else is held back
    /// until more arrives or [`Document::finish`] is called; what is half written is shown as it will be once it is whole.
    pub fn push(&mut self, chunk: &str) -> Vec<String> {
        self.text.push_str(chunk);
        let settled = blocks(tail::settled(&self.text), &self.anchor, MOST_MENDS);
        self.show(settled)
    }

    /// Says that nothing follows: with the blocks returned (as by [`Document::push`]) they are exactly those of the
    /// whole text.
    pub fn finish(&mut self) -> Vec<String> {
        let whole = blocks(&self.text, &self.anchor, 0);
        self.show(whole)
    }

    /// How many leading blocks the last call left as they were.
    #[wasm_bindgen(getter)]
    pub fn kept(&self) -> usize {
        self.kept
    }
}

impl Document {
    fn show(&mut self, blocks: Vec<String>) -> Vec<String> {
        self.kept = self.blocks.iter().zip(&blocks).take_while(|(old, new)| old == new).count();
        self.blocks = blocks;
        self.blocks.iter().skip(self.kept).cloned().collect()
    }
}

/// The HTML of each top-level block of `text`, in order. While it grows, its last words are mended at most so often ([`mend`]).
fn blocks(text: &str, anchor: &str, mends: u8) -> Vec<String> {
    let Some((thoughts, answer)) = thoughts::split(text) else { return parsed(text, anchor, mends) };
    let inside = parsed(thoughts, &[anchor, "-t"].concat(), if answer.is_none() { mends } else { 0 });
    let mut blocks = Vec::new();
    if !inside.is_empty() {
        blocks.push(thoughts::folded(&inside));
    }
    if let Some(answer) = answer {
        blocks.append(&mut parsed(answer, anchor, mends));
    }
    blocks
}

fn parsed(text: &str, anchor: &str, mends: u8) -> Vec<String> {
    let mut spelling = Spelling::of(text);
    loop {
        let spelled = spelling.spell();
        let events: Vec<_> = Parser::new_ext(&spelled, spelling.options()).into_offset_iter().collect();
        if !spelling.is_confirmed(&spelled, &events) {
            continue;
        }
        return match if mends > 0 { mend::mended(text, &events) } else { None } {
            None => written(&events, &spelling, &spelled, anchor),
            Some(Mended::Whole(text)) => parsed(&text, anchor, 0),
            Some(Mended::Cut(text)) => parsed(tail::settled(text), anchor, mends - 1),
        };
    }
}

fn written(events: &[(Event<'_>, Range<usize>)], spelling: &Spelling<'_>, spelled: &str, anchor: &str) -> Vec<String> {
    let notes = html::Footnotes::number(events.iter().map(|(event, _)| event), anchor);
    let pairs = tags::pairs(events.iter().map(|(event, _)| event));
    let mut blocks = Vec::new();
    let mut writer = html::Writer::new(&notes);
    for ((event, range), tag) in events.iter().zip(pairs) {
        match (event, tag) {
            (_, Some(tag)) => writer.tag(tag),
            (Event::InlineMath(tex), _) => writer.formula(spelling.formula(tex, false, range)),
            (Event::DisplayMath(tex), _) => writer.formula(spelling.formula(tex, true, range)),
            _ => writer.write(&spelling.restored(spelled, range, event)),
        }
        if writer.is_between_blocks() {
            blocks.push(writer.take_block());
        }
    }
    blocks
}

#[cfg(test)]
mod tests;
