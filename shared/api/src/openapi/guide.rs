//! Writes the two lists of docs/api.md: every code, with its words in `problem/code.rs`, and every call of the contract.

use std::fmt::Write as _;

use serde_json::Value;

use super::operations;
use crate::problem::ErrorCode;

/// Where the codes have their words.
const CODES: &str = include_str!("../problem/code.rs");

/// The guide with its lists as they are now.
pub(super) fn with_lists(guide: &str, document: &Value) -> String {
    let guide = between(guide, "<!-- codes:", &codes(document));
    between(&guide, "<!-- calls:", &calls(document))
}

/// Puts a list between the comment that begins so and the next end.
fn between(guide: &str, begin: &str, list: &str) -> String {
    let (before, rest) = guide.split_once(begin).expect("a place for the list");
    let (comment, rest) = rest.split_once("-->\n").expect("a whole comment");
    let (_, after) = rest.split_once("<!-- end -->").expect("an end");
    format!("{before}{begin}{comment}-->\n{list}<!-- end -->{after}")
}

/// Text within a cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn codes(document: &Value) -> String {
    let mut list = String::from("\n| code | status | |\n|---|---|---|\n");
    for name in document["components"]["schemas"]["ErrorCode"]["enum"].as_array().expect("codes") {
        let code: ErrorCode = serde_json::from_value(name.clone()).expect("a code");
        writeln!(list, "| `{}` | {} | {} |", code.name(), code.status().as_u16(), cell(&meaning(code)))
            .expect("a text");
    }
    list.push('\n');
    list
}

/// What stands above the code where it is defined.
pub(super) fn meaning(code: ErrorCode) -> String {
    let variant = format!("{code:?},");
    let lines: Vec<&str> = CODES.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| *line == variant).unwrap_or_else(|| panic!("{variant} in problem/code.rs"));
    let mut words: Vec<&str> = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    words.reverse();
    words.join(" ")
}

fn calls(document: &Value) -> String {
    let mut groups: Vec<(String, String)> = Vec::new();
    for (method, path, operation) in operations(document) {
        let group = operation["tags"][0].as_str().expect("a group").to_owned();
        let answers = operation["responses"].as_object().expect("answers").keys();
        let answers: Vec<&str> = answers.filter(|status| !status.ends_with("XX")).map(String::as_str).collect();
        let words = operation["summary"].as_str().unwrap_or_default();
        let row = format!("| `{method} {path}` | {} | {} |\n", cell(words), answers.join(", "));
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, rows)) => rows.push_str(&row),
            None => groups.push((group, row)),
        }
    }
    let tables = groups.into_iter().map(|(name, rows)| format!("\n### {name}\n\n| call | | |\n|---|---|---|\n{rows}"));
    tables.collect::<String>() + "\n"
}
