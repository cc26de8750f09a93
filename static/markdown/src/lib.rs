//! Markdown of a model's answer to HTML, block by block, for the page (compiled to Wasm).
//!
//! [`Document`] takes the text as it arrives and says which top-level blocks changed; [`html`] writes
//! one block. Making the HTML harmless a second time (DOMPurify) and putting it into the DOM is the page's work.
//!
//! The whole text is parsed on every [`Document::push`]. That keeps the one rule that matters trivially true:
//! the blocks depend on the text alone, never on how it was cut, also when a link or footnote definition at the
//! end changes a paragraph far above.

mod html;
mod maths;
mod tail;

use std::ops::Range;

use maths::Maths;
use pulldown_cmark::{Event, Options, Parser};
use wasm_bindgen::prelude::wasm_bindgen;

/// Rust's own allocator for Wasm is built for speed that nobody here would notice, and larger.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

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
    /// until more arrives or [`Document::finish`] is called.
    pub fn push(&mut self, chunk: &str) -> Vec<String> {
        self.text.push_str(chunk);
        let settled = blocks(tail::settled(&self.text), &self.anchor);
        self.show(settled)
    }

    /// Says that nothing follows: with the blocks returned (as by [`Document::push`]) they are exactly those of the
    /// whole text.
    pub fn finish(&mut self) -> Vec<String> {
        let whole = blocks(&self.text, &self.anchor);
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

/// GFM as models write it. Smart punctuation stays off, because it would alter quoted code.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// The HTML of each top-level block of `text`, in order.
fn blocks(text: &str, anchor: &str) -> Vec<String> {
    let mut maths = Maths::default();
    loop {
        let spelled = maths.spell(text);
        let events: Vec<_> = Parser::new_ext(&spelled, options()).into_offset_iter().collect();
        if maths.is_confirmed(text, &events) {
            return written(text, &events, &maths, anchor);
        }
    }
}

fn written(text: &str, events: &[(Event<'_>, Range<usize>)], maths: &Maths, anchor: &str) -> Vec<String> {
    let notes = html::Footnotes::number(events.iter().map(|(event, _)| event), anchor);
    let mut blocks = Vec::new();
    let mut writer = html::Writer::new(&notes);
    for (event, range) in events {
        match event {
            Event::InlineMath(tex) => writer.formula(maths.source(text, tex, false, range)),
            Event::DisplayMath(tex) => writer.formula(maths.source(text, tex, true, range)),
            _ => writer.write(event),
        }
        if writer.is_between_blocks() {
            blocks.push(writer.take_block());
        }
    }
    blocks
}

#[cfg(test)]
mod tests;
