//! Promises of the markdown crate: what is written for each construct, that nothing hostile survives, and that a text
//! in pieces gives the blocks of the whole.

use super::*;

const CORPUS: &[&str] = &[
    "Plain text.\n\nSecond paragraph with *emphasis*, **strong**, `code` and ~~gone~~.",
    "# One\n\n## Two\n\nSetext\n======\n\nFruits:\n- apple\n- pear\n\n1. one\n2. two\n   - nested\n\n7. seven",
    "| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | x<br>y |\n\nafter",
    "- [ ] open\n- [x] done\n\n> quoted\n> > deeper\n\n> [!NOTE]\n> take note\n\n---\n",
    "```rust\nfn main() {\n    println!(\"<hi> & bye\");\n}\n```\n\n    indented\n\n~~~\nunclosed fence",
    "Early [link][later] and note[^1], again[^1], other[^two].\n\nMiddle.\n\n[^1]: First.\n\n    More of it.\n\n[^two]: Second.\n\n[later]: https://example.com/x \"t\"\n",
    "Ünïcödé 🦀 日本語 \u{202e}rtl\u{202c} &amp; &lt;b&gt; \\*not\\*\n\n<div onclick=\"x()\">raw *html*</div>\n\ntext <b>inline</b>",
    "[![alt](https://a.example/i.png)](https://b.example) ![](https://a.example/j.png) <me@example.com> <https://c.example>",
    "Euler: $e^{i\\pi} = -1$, \\(a_1 * b_1\\), $5 and $9, $5–$9.\n\n$$\n\\begin{aligned}\n- a &= b \\\\[2pt]\n= c\n\\end{aligned}\n$$\n\n- \\[\n  x\n  \\]\n\n`\\(` \\$ $$ \n```\n$$ \\[\n```\n",
];

/// The blocks a document shows after all of `pieces`.
fn shown(pieces: &[&str]) -> Vec<String> {
    let mut document = Document::new("m");
    let mut page: Vec<String> = Vec::new();
    for piece in pieces {
        let changed = document.push(piece);
        page.truncate(document.kept());
        page.extend(changed);
    }
    let changed = document.finish();
    page.truncate(document.kept());
    page.extend(changed);
    page
}

fn check(markdown: &str, html: &str) {
    assert_eq!(shown(&[markdown]).concat(), html, "{markdown}");
}

#[test]
fn a_text_in_any_two_pieces_gives_the_blocks_of_the_whole() {
    for text in CORPUS {
        let whole = blocks(text, "m");
        for (cut, _) in text.char_indices() {
            let (head, rest) = text.split_at(cut);
            assert_eq!(shown(&[head, rest]), whole, "cut at {cut}: {text}");
        }
    }
}

#[test]
fn a_text_letter_by_letter_gives_the_blocks_of_the_whole() {
    for text in CORPUS {
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(shown(&letters), blocks(text, "m"), "{text}");
    }
}

#[test]
fn a_closed_block_is_not_touched_again() {
    let mut document = Document::new("m");
    document.push("First.\n\nSecond ");
    document.push("grows.\n\nThird");
    assert_eq!(document.kept(), 1);
    document.push(" grows too");
    assert_eq!(document.kept(), 2);
    assert!(document.finish().is_empty());
    assert_eq!(document.kept(), 3);
}

#[test]
fn a_late_definition_reaches_back() {
    let mut document = Document::new("m");
    document.push("See [this][x].\n\nMiddle.\n");
    let changed = document.push("\n[x]: https://example.com\n");
    assert_eq!(document.kept(), 0);
    assert!(changed[0].contains("href=\"https://example.com\""));
}

#[test]
fn a_list_marker_does_not_make_a_heading_for_a_moment() {
    let mut document = Document::new("m");
    document.push("Fruits:");
    for marker in ["\n", "-", " "] {
        assert!(document.push(marker).is_empty(), "{marker:?}");
    }
    assert_eq!(document.push("apple"), ["<ul><li>apple</li></ul>"]);
}

#[test]
fn a_row_of_a_table_waits_until_it_is_whole() {
    let mut document = Document::new("m");
    document.push("Fruits:\n\n");
    for part in ["| na", "me | price |\n", "|--", "-|--:|"] {
        assert!(document.push(part).is_empty(), "{part:?}");
    }
    assert!(document.push("\n")[0].contains("<th class=\"right\">price</th>"));
    assert!(document.push("| pear | 1").is_empty());
    assert!(document.push(".50 |\n")[0].contains("<td class=\"right\">1.50</td>"));
    assert!(document.push("\nBoth").iter().any(|block| block == "<p>Both</p>"));
}

#[test]
fn gfm_is_written() {
    check("~~x~~ *a* **b** `<`", "<p><del>x</del> <em>a</em> <strong>b</strong> <code>&lt;</code></p>");
    check("# A\n\n###### B", "<h3>A</h3><h6>B</h6>");
    check("3. x", "<ol start=\"3\"><li>x</li></ol>");
    check(
        "```C++ x\na<b\n```",
        "<div class=\"code\" dir=\"ltr\" data-language=\"c++\"><div class=\"head\"><span>c++</span></div>\
         <pre><code>a&lt;b\n</code></pre></div>",
    );
    check("> [!TIP]\n> x", "<blockquote class=\"tip\"><p>x</p></blockquote>");
    check(
        "| a | b |\n|--:|---|\n| 1 | 2 |",
        "<div class=\"table\"><table><thead><tr><th class=\"right\">a</th><th>b</th></tr></thead>\
         <tbody><tr><td class=\"right\">1</td><td>2</td></tr></tbody></table></div>",
    );
    check("- [x] y", "<ul><li><span class=\"task\" role=\"img\" aria-label=\"done\">☑</span> y</li></ul>");
    check(
        "a[^n]\n\n[^n]: b",
        "<p>a<sup><a href=\"#fn-m-1\">1</a></sup></p><div class=\"footnote\" id=\"fn-m-1\"><sup>1</sup><p>b</p></div>",
    );
}

#[test]
fn raw_html_is_text() {
    check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    check("a <img src=x onerror=y> b", "<p>a &lt;img src=x onerror=y&gt; b</p>");
    check("a<br/>b", "<p>a<br>b</p>");
}

#[test]
fn only_harmless_links_are_links() {
    check(
        "[a](HTTPS://example.com/?q=\"x\"&y)",
        "<p><a href=\"HTTPS://example.com/?q=%22x%22&amp;y\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">a</a></p>",
    );
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x09;script:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//example.com",
        "/relative",
        "file:///etc/passwd",
        "blob:https://example.com/x",
    ] {
        check(&format!("[a]({url})"), "<p>a</p>");
        check(&format!("![a]({url})"), "<p>a</p>");
        check(&format!("[a][r]\n\n[r]: {url}"), "<p>a</p>");
    }
}

#[test]
fn an_image_is_a_link_and_links_do_not_nest() {
    let rel = "target=\"_blank\" rel=\"noopener noreferrer nofollow\"";
    check(
        "![cat](https://a.example/c.png)",
        &format!("<p><a class=\"image\" href=\"https://a.example/c.png\" {rel}>cat</a></p>"),
    );
    check(
        "![](https://a.example/c)",
        &format!("<p><a class=\"image\" href=\"https://a.example/c\" {rel}>https://a.example/c</a></p>"),
    );
    check(
        "[![cat](https://a.example/c)](https://b.example)",
        &format!("<p><a href=\"https://b.example\" {rel}>cat</a></p>"),
    );
}

#[test]
fn nesting_is_bounded_and_stays_balanced() {
    let deep = blocks(&format!("{}x", "> ".repeat(5_000)), "m").concat();
    assert_eq!(deep.matches("<blockquote>").count(), 48);
    assert_eq!(deep.matches("</blockquote>").count(), 48);
}

#[test]
fn an_info_string_cannot_leave_its_attribute() {
    check(
        "```\"onx=1>\na\n```",
        "<div class=\"code\" dir=\"ltr\"><div class=\"head\"><span>text</span></div>\
         <pre><code>a\n</code></pre></div>",
    );
}

/// The formulas of `markdown`, displayed ones with a `D` before them, and all of its text.
fn formulas(markdown: &str) -> (Vec<String>, String) {
    let html = shown(&[markdown]).concat();
    let found = html.split("<span class=\"math").skip(1).filter_map(|part| {
        let (start, rest) = part.split_once('>')?;
        let (source, _) = rest.split_once("</span>")?;
        Some(format!("{}{source}", if start.contains("display") { "D" } else { "" }))
    });
    (found.collect(), html.clone())
}

#[test]
fn formulas_are_found() {
    for (markdown, expected) in [
        ("a $x$ b", vec!["$x$"]),
        ("$x_1 * y_2 * z$", vec!["$x_1 * y_2 * z$"]),
        ("the $n$th", vec!["$n$"]),
        (r"\(x\)", vec![r"\(x\)"]),
        (r"\( a_1 * b \) and \(c * d_1\)", vec![r"\( a_1 * b \)", r"\(c * d_1\)"]),
        (r"\(x\)\(y\)", vec![r"\(x\)", r"\(y\)"]),
        (r"\[ x \]", vec![r"D\[ x \]"]),
        ("$$x$$", vec!["D$$x$$"]),
        ("$$\na\n= b\n- c\n$$", vec!["D$$\na\n= b\n- c\n$$"]),
        ("\\[\na\n=\n1. b\n\\]\n", vec!["D\\[\na\n=\n1. b\n\\]"]),
        (r"\[ a \\[2pt] b \]", vec![r"D\[ a \\[2pt] b \]"]),
        ("> $$\n> a\n> $$", vec!["D$$\na\n$$"]),
        ("- item\n\n  $$\n  - a\n  $$", vec!["D$$\n  - a\n  $$"]),
        ("1. \\[\n   a\n   \\]", vec!["D\\[\n   a\n   \\]"]),
        ("| $a$ | \\(b \\| c\\) |\n|--|--|", vec!["$a$", r"\(b | c\)"]),
        (r"`\(` and \(x\) and `\)`", vec![r"\(x\)"]),
        (r"$$ \text{\(x\)} $$", vec![r"D$$ \text{\(x\)} $$"]),
        ("é \\(é\\) 🦀 $🦀$", vec!["\\(é\\)", "$🦀$"]),
    ] {
        assert_eq!(formulas(markdown).0, expected, "{markdown}");
    }
}

#[test]
fn what_is_no_formula_stays_as_it_was() {
    for markdown in [
        "$5 and $9",
        "costs $5–$9",
        "costs $5-$9-$10, $7",
        "5$ or 6$",
        "a $ b $ c",
        r"\$x\$",
        r"\\(x\\)",
        "`$x$` `\\(x\\)` `\\[x\\]`",
        "```\n$$\n- a\n$$\n\\[\nx\n\\]\n```",
        "    \\(x\\)",
        "open \\(x\n\nand \\) closed",
        "a $$ b\n```\nc $$\n```",
        "- a $$ b\n- c $$ d",
    ] {
        let (found, html) = formulas(markdown);
        assert!(found.is_empty(), "{markdown}: {found:?}");
        assert!(!html.contains('\u{1a}'), "{markdown}");
    }
    check("costs **$5**–**$9**", "<p>costs <strong>$5</strong>–<strong>$9</strong></p>");
    check("costs $5–$9", "<p>costs $5–$9</p>");
    check("\\(x", "<p>(x</p>");
    check("`a \\(b\\)`", "<p><code>a \\(b\\)</code></p>");
}

#[test]
fn a_formula_cannot_leave_its_element() {
    check("$<b>&$", "<p><span class=\"math\" dir=\"ltr\">$&lt;b&gt;&amp;$</span></p>");
}

#[test]
fn a_text_made_to_spoil_formulas_is_read_in_bounded_time() {
    for piece in ["\\(", "\\)", "$$", "`\\(`\\)", "$5–$9", "$", "$$\n", "\\[\n\\(", "{$", "$1$1"] {
        let text = piece.repeat(4_000);
        let began = std::time::Instant::now();
        blocks(&text, "m");
        assert!(began.elapsed().as_secs() < 5, "{piece}: {:?}", began.elapsed());
    }
}
