//! Which texts are formulas, and what is written for them.

use super::super::*;
use super::{check, shown};

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
        (r"\[ 2x - 3y \]", vec![r"D\[ 2x - 3y \]"]),
        ("$2 (ab)$ and $10-20$", vec!["$2 (ab)$", "$10-20$"]),
        ("2$-x$ and 3$/y$", vec!["$-x$", "$/y$"]),
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
        ("$E = mc^2$ and $2x$", vec!["$E = mc^2$", "$2x$"]),
        ("$2 \\text{ cm}$", vec!["$2 \\text{ cm}$"]),
        ("\\begin{align}\na &= b \\\\\n- c\n\\end{align}", vec!["D\\begin{align}\na &amp;= b \\\\\n- c\n\\end{align}"]),
        ("x \\begin{pmatrix}a & b\\end{pmatrix} y", vec!["\\begin{pmatrix}a &amp; b\\end{pmatrix}"]),
        ("\\[\n\\begin{aligned}\na\n\\end{aligned}\n\\]", vec!["D\\[\n\\begin{aligned}\na\n\\end{aligned}\n\\]"]),
        (r"so \[ x = 1 \] is", vec![r"D\[ x = 1 \]"]),
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
        "5$-10$, 5$–10$ and 10$/20$",
        "from 1,000$-2,500.50$",
        "a $ b $ c",
        r"\$x\$",
        r"\\(x\\)",
        "`$x$` `\\(x\\)` `\\[x\\]`",
        "```\n$$\n- a\n$$\n\\[\nx\n\\]\n```",
        "    \\(x\\)",
        "open \\(x\n\nand \\) closed",
        "a $$ b\n```\nc $$\n```",
        "- a $$ b\n- c $$ d",
        "$PATH:$HOME",
        "${HOME}/bin:${PATH}",
        "$(pwd)$(date)",
        "$USER@$HOST and $a.$b",
        "from $10 to 20$",
        "from $10–20$",
        "$1,000 (or 900$)",
        r"\[draft\]",
        r"- \[to be done\]",
        "between $5 and 6$ a head",
        r"see \[1\]",
        r"\[1\]",
        r"a \[note\] b",
        r"\begin{document} x \end{document}",
        "`\\begin{align}x\\end{align}`",
    ] {
        let (found, html) = formulas(markdown);
        assert!(found.is_empty(), "{markdown}: {found:?}");
        assert!(!html.contains(|c: char| c.is_control() && c != '\n'), "{markdown}");
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
        blocks(&text, "m", 0);
        assert!(began.elapsed().as_secs() < 5, "{piece}: {:?}", began.elapsed());
    }
}
