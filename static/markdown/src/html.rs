//! Events of pulldown-cmark to HTML that is safe by construction.
//!
//! A writer of our own, because the page's Content-Security-Policy forbids the `style` attributes that pulldown-cmark's
//! puts on table cells, and because nothing a model wrote may reach the page as markup or be fetched:
//! - raw HTML becomes text, but for a few elements without attributes, such as `<br>` and `<sub>` ([`crate::tags`]);
//! - a link keeps its address only if it is `http:`, `https:` or `mailto:`;
//! - an image becomes a link to it; nothing is loaded.

use crate::addresses;
use crate::tags;
use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag};
use pulldown_cmark_escape::{escape_href, escape_html, escape_html_body_text};

/// Elements nested deeper than this are written without their tags: browsers flatten trees at 512, and layout of a
/// thousand nested quotes stalls a phone.
const DEEPEST: usize = 48;

/// A longer info string is not the name of a language.
const LONGEST_LANGUAGE: usize = 24;

/// The names of a document's footnotes, in the order of their numbers.
pub struct Footnotes<'a> {
    names: Vec<&'a str>,
    anchor: &'a str,
}

impl<'a> Footnotes<'a> {
    /// Numbers footnotes in the order in which the text refers to them; definitions nobody refers to come last.
    pub fn number(events: impl Iterator<Item = &'a Event<'a>> + Clone, anchor: &'a str) -> Self {
        let references = events.clone().filter_map(|event| match event {
            Event::FootnoteReference(name) => Some(&**name),
            _ => None,
        });
        let definitions = events.filter_map(|event| match event {
            Event::Start(Tag::FootnoteDefinition(name)) => Some(&**name),
            _ => None,
        });
        let mut names = Vec::new();
        for name in references.chain(definitions) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Self { names, anchor }
    }

    fn of(&self, name: &str) -> u64 {
        self.names.iter().position(|each| *each == name).map_or(0, |index| index as u64 + 1)
    }
}

/// An element that was begun.
struct Open {
    /// Written when it ends; empty if its start was not written.
    close: &'static str,
    is_link: bool,
    is_code: bool,
    /// Written at the end if nothing was written since the start: an image without a description shows its address.
    if_empty: Option<(usize, String)>,
}

/// Writes events, one block after the other.
pub struct Writer<'a> {
    out: String,
    open: Vec<Open>,
    /// Text that may go on: an address in it is a link once it is whole.
    text: String,
    /// The levels of the headings that the next one may stand under.
    levels: Vec<HeadingLevel>,
    columns: Vec<Alignment>,
    column: usize,
    is_head: bool,
    notes: &'a Footnotes<'a>,
}

impl<'a> Writer<'a> {
    /// A writer at the start of a document.
    pub fn new(notes: &'a Footnotes<'a>) -> Self {
        Self {
            out: String::new(),
            open: Vec::new(),
            text: String::new(),
            levels: Vec::new(),
            columns: Vec::new(),
            column: 0,
            is_head: false,
            notes,
        }
    }

    /// Whether the last event ended a top-level block.
    pub fn is_between_blocks(&self) -> bool {
        self.open.is_empty()
    }

    /// The block written since the last call.
    pub fn take_block(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Writes one event.
    pub fn write(&mut self, event: &Event<'_>) {
        if let Event::Text(text) = event {
            return self.text.push_str(text);
        }
        self.write_text();
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Html(html) | Event::InlineHtml(html) if tags::is_break(html) => self.out.push_str("<br>"),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.escape(text),
            Event::Code(code) => {
                self.out.push_str("<code>");
                self.escape(code);
                self.out.push_str("</code>");
            }
            Event::InlineMath(text) | Event::DisplayMath(text) => self.escape(text),
            // Models write poems and addresses without the two spaces that Markdown wants.
            Event::SoftBreak | Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => self.out.push_str("<hr>"),
            // The page says what it means, in its own words.
            Event::TaskListMarker(true) => self.out.push_str("<span class=\"task done\" role=\"img\">☑</span> "),
            Event::TaskListMarker(false) => self.out.push_str("<span class=\"task\" role=\"img\">☐</span> "),
            Event::FootnoteReference(name) => self.footnote_reference(name),
        }
    }

    /// Writes a tag that is honoured.
    pub fn tag(&mut self, (name, is_end): (&str, bool)) {
        self.write_text();
        for part in [if is_end { "</" } else { "<" }, name, ">"] {
            self.out.push_str(part);
        }
    }

    /// Writes a formula as the text said it, for the page to render. Always a `span`: a `div` would end its paragraph.
    pub fn formula(&mut self, (source, is_display): (String, bool)) {
        self.write_text();
        self.out.push_str(if is_display {
            "<span class=\"math display\" dir=\"ltr\">"
        } else {
            "<span class=\"math\" dir=\"ltr\">"
        });
        self.escape(&source);
        self.out.push_str("</span>");
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if self.open.len() >= DEEPEST {
            return self.begin("", "");
        }
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.begin_block("<p", ">", "</p>"),
            Tag::Heading { level, .. } => self.heading(*level),
            Tag::BlockQuote(kind) => self.begin_block("<blockquote", quote(*kind), "</blockquote>"),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::List(None) => self.begin_block("<ul", ">", "</ul>"),
            Tag::List(Some(1)) => self.begin_block("<ol", ">", "</ol>"),
            Tag::List(Some(first)) => {
                self.begin_block("<ol", " start=\"", "</ol>");
                self.number(*first);
                self.out.push_str("\">");
            }
            Tag::Item => self.begin("<li>", "</li>"),
            Tag::FootnoteDefinition(name) => self.footnote(name),
            Tag::Table(columns) => {
                self.columns.clone_from(columns);
                self.begin_block("<div class=\"table\"", "><table>", "</tbody></table></div>");
            }
            Tag::TableHead => {
                (self.column, self.is_head) = (0, true);
                self.begin("<thead><tr>", "</tr></thead><tbody>");
            }
            Tag::TableRow => {
                (self.column, self.is_head) = (0, false);
                self.begin("<tr>", "</tr>");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.begin("<em>", "</em>"),
            Tag::Strong => self.begin("<strong>", "</strong>"),
            Tag::Strikethrough => self.begin("<del>", "</del>"),
            Tag::Superscript => self.begin("<sup>", "</sup>"),
            Tag::Subscript => self.begin("<sub>", "</sub>"),
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => self.link(&["mailto:", dest_url].concat(), "<a"),
            Tag::Link { dest_url, .. } => self.link(dest_url, "<a"),
            Tag::Image { dest_url, .. } => {
                self.link(dest_url, "<a class=\"image\"");
                let from = self.out.len();
                if let Some(open) = self.open.last_mut() {
                    open.if_empty = Some((from, dest_url.to_string()));
                }
            }
            Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition | Tag::MetadataBlock(_) => {
                self.begin("", "")
            }
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let Some((from, text)) = open.if_empty
            && self.out.len() == from
        {
            self.escape(&text);
        }
        self.out.push_str(open.close);
    }

    /// Begins an element that has a direction of its own, by its first word, if it is a whole block.
    fn begin_block(&mut self, start: &str, rest: &str, close: &'static str) {
        let direction = if self.open.is_empty() { " dir=\"auto\"" } else { "" };
        self.begin(start, close);
        self.out.push_str(direction);
        self.out.push_str(rest);
    }

    fn begin(&mut self, tag: &str, close: &'static str) {
        self.out.push_str(tag);
        self.open.push(Open { close, is_link: false, is_code: false, if_empty: None });
    }

    /// Writes the text that has come in, its bare addresses as links.
    fn write_text(&mut self) {
        // Before each tag, most of which follow another: what is open is not to be looked through for nothing.
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let mut from = 0;
        if !self.open.iter().any(|open| open.is_link || open.is_code) {
            for (start, end) in addresses::find(&text) {
                let (Some(before), Some(address)) = (text.get(from..start), text.get(start..end)) else { continue };
                self.escape(before);
                let scheme = if address.contains("://") { "" } else { "http://" };
                self.link(&[scheme, address].concat(), "<a");
                self.escape(address);
                self.end();
                from = end;
            }
        }
        self.escape(text.get(from..).unwrap_or_default());
    }

    // Writing into a `String` cannot fail; the results exist for other sinks.
    fn escape(&mut self, text: &str) {
        let _ = escape_html_body_text(&mut self.out, text);
    }

    /// The page's own headings are `h1` and `h2`: those of an answer come below them, whatever level it begins with, and none is
    /// left out between one and the next below it.
    fn heading(&mut self, level: HeadingLevel) {
        while self.levels.pop_if(|above| *above >= level).is_some() {}
        self.levels.push(level);
        match self.levels.len() {
            1 => self.begin_block("<h3", ">", "</h3>"),
            2 => self.begin_block("<h4", ">", "</h4>"),
            3 => self.begin_block("<h5", ">", "</h5>"),
            _ => self.begin_block("<h6", ">", "</h6>"),
        }
    }

    /// Always with a head, also without a name in it, which is the page's to say: what comes there later moves nothing.
    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => language(info),
            CodeBlockKind::Indented => String::new(),
        };
        self.begin("<div class=\"code\" dir=\"ltr\"", "</code></pre></div>");
        if !language.is_empty() {
            self.out.push_str(" data-language=\"");
            let _ = escape_html(&mut self.out, &language);
            self.out.push('"');
        }
        self.out.push_str("><div class=\"head\"><span>");
        self.escape(&language);
        self.out.push_str("</span></div><pre><code>");
        if let Some(open) = self.open.last_mut() {
            open.is_code = true;
        }
    }

    fn cell(&mut self) {
        let align = match self.columns.get(self.column) {
            Some(Alignment::Center) => " class=\"center\">",
            Some(Alignment::Right) => " class=\"right\">",
            Some(Alignment::Left | Alignment::None) | None => ">",
        };
        self.column += 1;
        if self.is_head {
            self.begin("<th", "</th>")
        } else {
            self.begin("<td", "</td>")
        }
        self.out.push_str(align);
    }

    /// A link if `url` may be followed and no link is open around it (HTML forbids links in links), otherwise its text.
    fn link(&mut self, url: &str, tag: &str) {
        if !is_followable(url) || self.open.iter().any(|open| open.is_link) {
            return self.begin("", "");
        }
        self.out.push_str(tag);
        self.out.push_str(" href=\"");
        let _ = escape_href(&mut self.out, url);
        self.out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
        self.open.push(Open { close: "</a>", is_link: true, is_code: false, if_empty: None });
    }

    fn footnote(&mut self, name: &CowStr<'_>) {
        self.begin_block("<div class=\"footnote\"", " id=\"", "</div>");
        self.footnote_id(name);
        self.out.push_str("\"><sup>");
        self.number(self.notes.of(name));
        self.out.push_str("</sup>");
    }

    fn footnote_reference(&mut self, name: &CowStr<'_>) {
        let is_in_link = self.open.iter().any(|open| open.is_link);
        self.out.push_str("<sup>");
        if !is_in_link {
            self.out.push_str("<a href=\"#");
            self.footnote_id(name);
            self.out.push_str("\">");
        }
        self.number(self.notes.of(name));
        self.out.push_str(if is_in_link { "</sup>" } else { "</a></sup>" });
    }

    fn footnote_id(&mut self, name: &CowStr<'_>) {
        self.out.push_str("fn-");
        self.out.push_str(self.notes.anchor);
        self.out.push('-');
        self.number(self.notes.of(name));
    }

    /// Without `format!`, whose machinery weighs half a kilobyte over the wire.
    fn number(&mut self, number: u64) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.out.push(char::from(b'0' + (number % 10) as u8));
    }
}

fn quote(kind: Option<BlockQuoteKind>) -> &'static str {
    match kind {
        None => ">",
        Some(BlockQuoteKind::Note) => " class=\"note\">",
        Some(BlockQuoteKind::Tip) => " class=\"tip\">",
        Some(BlockQuoteKind::Important) => " class=\"important\">",
        Some(BlockQuoteKind::Warning) => " class=\"warning\">",
        Some(BlockQuoteKind::Caution) => " class=\"caution\">",
    }
}

/// The first word of a fence's info string, if it looks like the name of a language.
fn language(info: &str) -> String {
    let word = info.split_ascii_whitespace().next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "+#-._".contains(c);
    if word.len() <= LONGEST_LANGUAGE && word.chars().all(is_name) { word.to_ascii_lowercase() } else { String::new() }
}

/// Whether the page may offer `url` to a click. An allow-list of spellings, so that no trick with tabs, entities or
/// upper case can turn up a `javascript:` that a block-list did not think of.
fn is_followable(url: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}
