//! Tags in a text that are honoured: a line's break, and a few elements without attributes inside a paragraph.

use pulldown_cmark::Event;

/// Elements that say something about words, and do nothing else.
const HONOURED: &[&str] = &["sub", "sup", "kbd", "mark", "u", "ins", "s", "del", "b", "strong", "i", "em"];

/// Deeper ones stay text: browsers flatten deep trees, and laying them out takes its time.
const DEEPEST: usize = 48;

/// Whether `html` is `<br>` in any of its spellings.
pub fn is_break(html: &str) -> bool {
    let html = html.trim_ascii();
    html.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("<br"))
        && html.get(3..).is_some_and(|rest| matches!(rest.trim_ascii_start(), ">" | "/>"))
}

/// The element that `html` begins or, if the second is true, ends.
pub fn honoured(html: &str) -> Option<(&'static str, bool)> {
    let inside = html.strip_prefix('<')?.strip_suffix('>')?;
    let (name, is_end) = inside.strip_prefix('/').map_or((inside, false), |name| (name, true));
    HONOURED.iter().find(|known| known.eq_ignore_ascii_case(name)).map(|known| (*known, is_end))
}

/// The element that each event begins or ends, in the order of the events. Only what begins and ends inside the same piece of text
/// counts: nobody who writes of `<b>` means the rest of the answer.
pub fn pairs<'a>(events: impl Iterator<Item = &'a Event<'a>>) -> Vec<Option<(&'static str, bool)>> {
    let mut pairs: Vec<Option<(&'static str, bool)>> = Vec::new();
    // What is open: the place of its event, and its name; the Markdown around it has none.
    let mut open: Vec<(usize, &'static str)> = Vec::new();
    for (index, event) in events.enumerate() {
        pairs.push(None);
        match event {
            Event::Start(_) => open.push((index, "")),
            Event::End(_) => while open.pop().is_some_and(|(_, name)| !name.is_empty()) {},
            Event::InlineHtml(html) => match honoured(html) {
                Some((name, false)) if open.len() < DEEPEST => open.push((index, name)),
                Some((name, true)) => {
                    let inner = open.iter().rev().take_while(|(_, name)| !name.is_empty());
                    let Some(depth) = inner.take(DEEPEST).position(|(_, each)| *each == name) else { continue };
                    open.truncate(open.len() - depth);
                    let Some((start, name)) = open.pop() else { continue };
                    if let Some(pair) = pairs.get_mut(start) {
                        *pair = Some((name, false));
                    }
                    if let Some(pair) = pairs.last_mut() {
                        *pair = Some((name, true));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    pairs
}
