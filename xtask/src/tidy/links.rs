//! A clone has what a document links to, heading and all, and the index of the documents has every page.

use std::collections::BTreeSet;

use super::{Complaints, Source, text};

/// The pages by reader.
const INDEX: &str = "docs/README.md";

/// Checks the links of every Markdown file.
pub fn check(sources: &[Source]) -> Complaints {
    let documents = || sources.iter().filter(|source| source.path.ends_with(".md"));
    let all = documents().flat_map(|source| links(&source.text).map(|link| (source.path.as_str(), link)));
    let mut complaints: Complaints = all.filter_map(|(path, link)| complain(sources, path, link)).collect();
    let indexed: BTreeSet<String> = links(text(sources, INDEX)).map(|(target, _)| at(INDEX, target)).collect();
    let pages = documents().filter(|source| source.path.starts_with("docs/") && source.path != INDEX);
    let missing = pages.filter(|page| !indexed.contains(&page.path));
    complaints.extend(missing.map(|page| format!("{INDEX}: does not name {}", page.path)));
    complaints
}

/// What is wrong with a link: a target, and a heading there.
fn complain(sources: &[Source], path: &str, (target, heading): (&str, &str)) -> Option<String> {
    if leads_outside(path, target) {
        return Some(format!("{path}: links to {target}, which a clone does not have"));
    }
    let page = if target.is_empty() { path.to_owned() } else { at(path, target) };
    if target.contains(':') || !page.ends_with(".md") {
        return None;
    }
    match sources.iter().find(|source| source.path == page) {
        None => Some(format!("{path}: links to {target}, which is not there")),
        Some(source) if !heading.is_empty() && !headings(&source.text).any(|one| one == heading) => {
            Some(format!("{path}: links to {target}#{heading}, and there is no such heading"))
        }
        Some(_) => None,
    }
}

/// Where the links of a Markdown text lead: what stands in round brackets behind square ones, and what of it follows a `#`.
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    targets.map(|target| target.split_once('#').unwrap_or((target, "")))
}

/// A target as a path from the root.
fn at(path: &str, target: &str) -> String {
    let mut steps: Vec<&str> = path.split('/').collect();
    steps.pop();
    for step in target.split('/').filter(|step| *step != ".") {
        if step == ".." {
            steps.pop();
        } else {
            steps.push(step);
        }
    }
    steps.join("/")
}

/// The headings as they stand behind a `#`: small letters, blanks as hyphens, without other signs.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' '));
    lines.map(|line| {
        let kept = line.trim().chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
        kept.flat_map(char::to_lowercase).map(|char| if char == ' ' { '-' } else { char }).collect()
    })
}

/// Whether a link of the file at `path` leaves the work tree: an absolute path, or more steps up than the file is deep.
fn leads_outside(path: &str, target: &str) -> bool {
    let depth = path.matches('/').count();
    let up = target.split('/').take_while(|step| *step == "..").count();
    target.starts_with('/') || up > depth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    #[test]
    fn no_link_leaves_the_tree() {
        let complains = |path: &str, text: &str| {
            check(&sources(&[(path, text)])).iter().any(|complaint| complaint.starts_with(path))
        };
        for (path, text) in [
            ("README.md", "[a](../notes.md)"),
            ("docs/a.md", "[a](../../notes.md#part)"),
            ("docs/a.md", "[a](b.md), [b](/home/me/notes.md)"),
        ] {
            assert!(complains(path, text), "{path}: {text}");
        }
        for text in ["[a](../README.md)", "[a](b.md)", "[a](https://example.com/../..)", "[a](#part)"] {
            assert_eq!(check(&pages(&format!("# Part\n{text}"))), [""; 0], "{text}");
        }
    }

    /// A tree whose page has this text.
    fn pages(text: &str) -> Vec<Source> {
        let index = "[a](a.md), [b](b.md)";
        sources(&[("README.md", ""), (INDEX, index), ("docs/a.md", text), ("docs/b.md", "# What *it* costs, now\n")])
    }

    #[test]
    fn a_link_leads_to_a_page_and_a_heading_that_are_there() {
        for text in ["[a](c.md)", "[a](b.md#what-it-costs)", "[a](#part)"] {
            assert_eq!(check(&pages(text)).len(), 1, "{text}");
        }
        assert_eq!(check(&pages("[a](b.md#what-it-costs-now), ![a](screenshots/x.png)")), [""; 0]);
    }

    #[test]
    fn the_index_names_every_page() {
        let mut tree = pages("");
        tree.extend(sources(&[("docs/c.md", ""), ("stack/README.md", "")]));
        assert_eq!(check(&tree), ["docs/README.md: does not name docs/c.md"]);
    }
}
