//! `_headers`, as Cloudflare's static assets read it: a path, and below it, indented, the headers of its answers.
//!
//! And `_redirects`, of which only this is built: a path that is shown as the page (`/c/* / 200`).

use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers of some paths.
#[derive(Debug)]
pub struct Rules<'a> {
    rules: Vec<Rule<'a>>,
}

#[derive(Debug)]
struct Rule<'a> {
    pattern: &'a str,
    /// What earlier rules have set and this one takes back.
    removed: Vec<HeaderName>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The page's own addresses: index.html is their file.
#[derive(Debug)]
pub struct Addresses<'a> {
    patterns: Vec<&'a str>,
}

/// A line that is not understood, or asks for what is not built: a placeholder, or another place than the page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of {file}: {fault}")]
pub struct MalformedRules {
    /// `_headers` or `_redirects`.
    pub file: &'static str,
    /// Counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl<'a> Rules<'a> {
    /// Reads the file.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &'a str) -> Result<Self, MalformedRules> {
        let mut rules: Vec<Rule<'a>> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let malformed = |fault| MalformedRules { file: "_headers", line: number + 1, fault };
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            if !line.starts_with([' ', '\t']) {
                if !content.starts_with('/') || content.contains("/:") {
                    return Err(malformed("neither a path nor an indented header"));
                }
                rules.push(Rule { pattern: content, removed: Vec::new(), headers: Vec::new() });
                continue;
            }
            let rule = rules.last_mut().ok_or(malformed("a header before the first path"))?;
            if let Some(name) = content.strip_prefix('!') {
                let name = HeaderName::try_from(name.trim()).map_err(|_| malformed("not the name of a header"))?;
                rule.removed.push(name);
                continue;
            }
            let (name, value) = content.split_once(':').ok_or(malformed("a header without a colon"))?;
            let name = HeaderName::try_from(name.trim()).map_err(|_| malformed("not the name of a header"))?;
            let value = HeaderValue::try_from(value.trim()).map_err(|_| malformed("not the value of a header"))?;
            rule.headers.push((name, value));
        }
        Ok(Self { rules })
    }

    /// Sets the headers of `path`. What two rules say of one header is joined by a comma, as Cloudflare does, unless the later takes it back first
    /// (`! name`).
    pub fn apply(&self, path: &str, headers: &mut HeaderMap) {
        let mut set: Vec<&HeaderName> = Vec::new();
        for rule in self.rules.iter().filter(|rule| matches(rule.pattern, path)) {
            for name in &rule.removed {
                headers.remove(name);
            }
            for (name, value) in &rule.headers {
                let joined = match headers.get(name) {
                    Some(before) if set.contains(&name) => {
                        HeaderValue::from_bytes(&[before.as_bytes(), b", ", value.as_bytes()].concat()).ok()
                    }
                    _ => Some(value.clone()),
                };
                if let Some(value) = joined {
                    headers.insert(name, value);
                }
                set.push(name);
            }
        }
    }
}

impl<'a> Addresses<'a> {
    /// Reads the file.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &'a str) -> Result<Self, MalformedRules> {
        let mut patterns = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let malformed = |fault| MalformedRules { file: "_redirects", line: number + 1, fault };
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                [pattern, "/", "200"] if pattern.starts_with('/') && !pattern.contains("/:") => patterns.push(*pattern),
                _ => return Err(malformed("not a path that is shown as the page: `PATH / 200`")),
            }
        }
        Ok(Self { patterns })
    }

    /// Whether the page is shown at `path`.
    #[must_use]
    pub fn contain(&self, path: &str) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern, path))
    }
}

/// Whether `path` is of this form; each `*` stands for anything.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|after| {
            let mut ends = after.char_indices().map(|(at, _)| at).chain([after.len()]);
            ends.any(|at| after.get(at..).is_some_and(|tail| matches(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers_of(text: &str, path: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        Rules::parse(text).unwrap().apply(path, &mut headers);
        let mut lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn the_rules_of_a_path_are_those_that_fit() {
        let text = "# for all\n/*\n  X-All: 1\n\n/assets/*\n\tCache-Control: a, b\n/exact\n  X-Exact: y:z\n";
        assert_eq!(headers_of(text, "/"), ["x-all: 1"]);
        assert_eq!(headers_of(text, "/assets/x.js"), ["cache-control: a, b", "x-all: 1"]);
        assert_eq!(headers_of(text, "/exact"), ["x-all: 1", "x-exact: y:z"]);
        assert_eq!(headers_of(text, "/exact/"), ["x-all: 1"]);
        assert_eq!(headers_of("/a/*/c\n  X-Y: 1", "/a/é/b/c"), ["x-y: 1"]);
        assert_eq!(headers_of("/a/*/c\n  X-Y: 1", "/a/b/d"), [""; 0]);
    }

    #[test]
    fn two_rules_for_one_header_are_joined_and_what_was_there_goes() {
        let text = "/*\n  X-A: 1\n/x\n  x-a: 2\n";
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("before"));
        Rules::parse(text).unwrap().apply("/x", &mut headers);
        assert_eq!(headers["x-a"], "1, 2");
    }

    #[test]
    fn a_rule_takes_back_what_one_before_has_set() {
        let text = "/*\n  X-A: 1\n  X-B: 1\n/x\n  ! x-a\n  X-A: 2\n/y\n  ! X-B\n";
        assert_eq!(headers_of(text, "/x"), ["x-a: 2", "x-b: 1"]);
        assert_eq!(headers_of(text, "/y"), ["x-a: 1"]);
        assert_eq!(headers_of(text, "/z"), ["x-a: 1", "x-b: 1"]);
    }

    #[test]
    fn the_pages_addresses_are_those_that_lead_to_it() {
        let addresses = Addresses::parse("# sessions\n/c/*  / 200\n\n/about / 200\n").unwrap();
        for path in ["/c/0190", "/c/", "/c/a/b", "/about"] {
            assert!(addresses.contain(path), "{path}");
        }
        for path in ["/", "/c", "/about/", "/ac/x"] {
            assert!(!addresses.contain(path), "{path}");
        }
        for (text, line) in [("/a / 301", 1), ("\n/a /b 200", 2), ("/a/:id / 200", 1), ("a / 200", 1), ("/a /", 1)] {
            assert_eq!(Addresses::parse(text).unwrap_err().line, line, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        for (text, line) in [
            ("  X: 1", 1),
            ("/a\n  X", 2),
            ("/a\n\n  X y: 1", 3),
            ("a\n", 1),
            ("/a/:id\n", 1),
            ("/a\n  ! X A\n", 2),
            ("/a\n  X: \u{7f}\n", 2),
        ] {
            assert_eq!(Rules::parse(text).unwrap_err().line, line, "{text:?}");
        }
    }
}
