//! A clone has what a document links to.

use super::{Complaints, Source};

/// Checks the links of every Markdown file.
pub fn check(sources: &[Source]) -> Complaints {
    let documents = sources.iter().filter(|source| source.path.ends_with(".md"));
    let all = documents.flat_map(|source| links(&source.text).map(|target| (source.path.as_str(), target)));
    let outside = all.filter(|(path, target)| leads_outside(path, target));
    outside.map(|(path, target)| format!("{path}: links to {target}, which a clone does not have")).collect()
}

/// Where the links of a Markdown text lead: what stands in round brackets behind square ones.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next())
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
            assert!(!complains("docs/a.md", text), "{text}");
        }
    }
}
