//! Promises of the markdown crate: what is written for each construct, that nothing hostile survives, and that a text
//! in pieces gives the blocks of the whole.

mod formulas;
mod unfinished;

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
    "これは**「重要」**な点です。**（注）**は**(note)**と~~「旧」~~。\n詩\n行\nhttps://example.com/a_b_c*d*?x=1&y=2。看https://例え.jp/x、www.example.com.",
    "Hm **x**.\n\n- that\n</think>\n\nSo.",
    "<think>\nFirst **this**.\n\n- that\n</think>\n\nH<sub>2</sub>O, E=mc<sup>2</sup> <b>x <i>y</b> z</i> a<br/>b <kbd>c",
    "$PATH:$HOME, from $10 to 20$, see \\[1\\] and \\[x = 1\\]\n\n\\begin{align}\na &= b \\\\\n- c\n\\end{align}\n\nwhere \\begin{pmatrix}a\\end{pmatrix} is",
    "### Three\n\n## Two\n\n#### Four\n\nمرحبا [half](https://example.com/(x)) ![i](https://example.com/i) \u{1a}$5\u{1}–$9\u{1b} &#26;&#x1;",
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

/// What is written, but for the direction of whole blocks.
fn check(markdown: &str, html: &str) {
    assert_eq!(shown(&[markdown]).concat().replace(" dir=\"auto\"", ""), html, "{markdown}");
}

#[test]
fn a_text_in_any_two_pieces_gives_the_blocks_of_the_whole() {
    for text in CORPUS {
        let whole = blocks(text, "m", 0);
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
        assert_eq!(shown(&letters), blocks(text, "m", 0), "{text}");
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
    assert_eq!(document.push("apple"), ["<ul dir=\"auto\"><li>apple</li></ul>"]);
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
    assert!(document.push("\nBoth").iter().any(|block| block == "<p dir=\"auto\">Both</p>"));
}

#[test]
fn gfm_is_written() {
    check("~~x~~ *a* **b** `<`", "<p><del>x</del> <em>a</em> <strong>b</strong> <code>&lt;</code></p>");
    check("# A\n\n###### B", "<h3>A</h3><h4>B</h4>");
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
    check("- [x] y", "<ul><li><span class=\"task done\" role=\"img\">☑</span> y</li></ul>");
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
    let deep = blocks(&format!("{}x", "> ".repeat(5_000)), "m", 0).concat();
    assert_eq!(deep.matches("<blockquote").count(), 48);
    assert_eq!(deep.matches("</blockquote>").count(), 48);
}

#[test]
fn an_info_string_cannot_leave_its_attribute() {
    check(
        "```\"onx=1>\na\n```",
        "<div class=\"code\" dir=\"ltr\"><div class=\"head\"><span></span></div>\
         <pre><code>a\n</code></pre></div>",
    );
}

#[test]
fn a_line_is_a_line() {
    check("Roses are red,\nviolets are blue", "<p>Roses are red,<br>violets are blue</p>");
    check("> a\n> b", "<blockquote><p>a<br>b</p></blockquote>");
}

#[test]
fn bare_addresses_are_links() {
    let link = |address: &str| {
        let escaped = address.replace('&', "&amp;");
        format!("<a href=\"{escaped}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{escaped}</a>")
    };
    for (markdown, before, address, after) in [
        ("See https://example.com.", "See ", "https://example.com", "."),
        ("(https://example.com/a_(b))", "(", "https://example.com/a_(b)", ")"),
        ("https://example.com/_a_*b*~~c~~$d$", "", "https://example.com/_a_*b*~~c~~$d$", ""),
        ("参照:https://example.com/a。次", "参照:", "https://example.com/a", "。次"),
        ("（https://example.com）", "（", "https://example.com", "）"),
        ("https://example.comを見て", "", "https://example.com", "を見て"),
        ("HTTP://EXAMPLE.COM/?a=1&b=2!", "", "HTTP://EXAMPLE.COM/?a=1&b=2", "!"),
        ("“https://example.com/x”", "“", "https://example.com/x", "”"),
        ("**https://example.com**", "<strong>", "https://example.com", "</strong>"),
        ("http://localhost:8787/a, then", "", "http://localhost:8787/a", ", then"),
    ] {
        check(markdown, &format!("<p>{before}{}{after}</p>", link(address)));
    }
    check(
        "www.example.com",
        "<p><a href=\"http://www.example.com\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">www.example.com</a></p>",
    );
    for markdown in
        ["`https://example.com`", "xhttps://example.com", "https://", "https:// x", "javascript://x", "awww.x.y"]
    {
        assert!(!shown(&[markdown]).concat().contains("<a"), "{markdown}");
    }
    check(
        "    https://example.com/a_b_",
        "<div class=\"code\" dir=\"ltr\"><div class=\"head\"><span></span></div><pre><code>https://example.com/a_b_</code></pre></div>",
    );
    assert_eq!(shown(&["[https://a.example/*x*](https://b.example/*y*)"]).concat().matches("<a ").count(), 1);
    assert!(shown(&["[a](https://b.example/?$5) $9"]).concat().contains("href=\"https://b.example/?$5\""));
    assert!(shown(&["[a](https://b.example/*y*)"]).concat().contains("href=\"https://b.example/*y*\""));
}

#[test]
fn emphasis_works_beside_text_without_spaces() {
    check("これは**「重要」**な点です。", "<p>これは<strong>「重要」</strong>な点です。</p>");
    check("は**(注)**が", "<p>は<strong>(注)</strong>が</p>");
    check("は**“重要”**的", "<p>は<strong>“重要”</strong>的</p>");
    check("**强调：**文本", "<p><strong>强调：</strong>文本</p>");
    check("这是**`code`**吗", "<p>这是<strong><code>code</code></strong>吗</p>");
    check("旧~~「値」~~です", "<p>旧<del>「値」</del>です</p>");
    check("한국어**(강조)**입니다", "<p>한국어<strong>(강조)</strong>입니다</p>");
    check("`は**「重要」**な`", "<p><code>は**「重要」**な</code></p>");
    check("は**「重要」な", "<p>は**「重要」な</p>");
    assert!(shown(&["[a](https://example.com/は**「b」**c)"]).concat().contains("%E3%80%8C"));
}

#[test]
fn a_few_tags_are_honoured() {
    check("H<sub>2</sub>O<SUP>+</SUP>", "<p>H<sub>2</sub>O<sup>+</sup></p>");
    check("a<br/>b<BR />c", "<p>a<br>b<br>c</p>");
    check("<br/>\na", "<p><br>a</p>");
    check("**a <u>b** c</u>", "<p><strong>a &lt;u&gt;b</strong> c&lt;/u&gt;</p>");
    check("the <b> tag", "<p>the &lt;b&gt; tag</p>");
    check("a <sub onclick=x>b</sub>", "<p>a &lt;sub onclick=x&gt;b&lt;/sub&gt;</p>");
    let deep = blocks(&format!("a{}x{}", "<b>".repeat(5_000), "</b>".repeat(5_000)), "m", 0).concat();
    assert!(deep.matches("<b>").count() < 50);
    assert_eq!(deep.matches("<b>").count(), deep.matches("</b>").count());
}

#[test]
fn thoughts_are_folded_away() {
    check(
        "<think>\nHm **x**\n</think>\n\nSo.",
        "<details class=\"thoughts\"><summary></summary><p>Hm <strong>x</strong></p></details><p>So.</p>",
    );
    check("<think>\n\n</think>\n\nSo.", "<p>So.</p>");
    check("<think>still", "<details class=\"thoughts\"><summary></summary><p>still</p></details>");
    check("So <think>x</think>", "<p>So &lt;think&gt;x&lt;/think&gt;</p>");
    check("Hm\n</think>\n\nSo.", "<details class=\"thoughts\"><summary></summary><p>Hm</p></details><p>So.</p>");
    check("</think>\n\nSo.", "<p>So.</p>");
    check("It ends with </think>", "<p>It ends with &lt;/think&gt;</p>");
    assert!(!blocks("```\n</think>\n```", "m", 0).concat().contains("<details"));
}

#[test]
fn headings_leave_no_level_out() {
    check("### a\n\n## b\n\n#### c\n\n### d\n\n# e", "<h3>a</h3><h3>b</h3><h4>c</h4><h4>d</h4><h3>e</h3>");
}

#[test]
fn each_block_has_its_direction() {
    let html = blocks("# a\n\nb\n\n- c\n\n> d\n\n| e |\n|---|\n\n```\nf\n```", "m", 0);
    for block in &html[..5] {
        assert!(block.contains(" dir=\"auto\""), "{block}");
    }
    assert!(html[5].contains(" dir=\"ltr\""));
    assert_eq!(html.concat().matches(" dir=\"auto\"").count(), 5);
}

#[test]
fn no_character_of_a_text_is_taken_for_a_sign() {
    // What has all control characters has no formulas, and is shown as it is.
    let all: String = (1..32u8).filter(|code| !b"\t\n\r\x0b\x0c".contains(code)).map(char::from).collect();
    for text in ["\u{1a}", "\u{1}\u{2}\u{3}\u{4}\u{5}", "&#26;&#x1a;&#1;&#0002;", &all] {
        for extra in ["", " $5–$9", " $x$", " https://a.example/_b_"] {
            let html = shown(&[&format!("a{text}b{extra}")]).concat();
            let (_, signs) = html.split_once("<p dir=\"auto\">a").unwrap();
            let shown: String = signs.chars().take_while(|c| *c != 'b').collect();
            assert!(!shown.contains(['$', '*', '_', '~']) && shown.chars().any(char::is_control), "{html:?}");
        }
    }
}
