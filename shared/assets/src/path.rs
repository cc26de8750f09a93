//! From an address to the name of a file.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What an address may mean.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// The page itself.
    Page,
    /// A file and nothing else.
    File(Cow<'a, str>),
    /// A file; a mistyped address if no such file exists.
    FileOrPage(Cow<'a, str>),
}

/// What to show where there is no file.
#[derive(Debug, PartialEq, Eq)]
pub enum Missing {
    /// A person's address: the page, with the status 404.
    Page,
    /// A program's: no document at all. A browser that was given the page for a script would stay broken.
    Nothing,
}

/// Decides by the address alone, so that every runtime does alike.
#[must_use]
pub fn missing(path: &str) -> Missing {
    match target(path) {
        Some(Target::Page | Target::FileOrPage(_)) => Missing::Page,
        Some(Target::File(_)) | None => Missing::Nothing,
    }
}

/// Where files with a hash in their name are; the page has no address there.
const HASHED: &str = "/assets/";

/// The meaning of an address; `None` if it is malformed.
pub(crate) fn target(path: &str) -> Option<Target<'_>> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_plain = path.starts_with('/')
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && !path.split('/').any(|segment| segment == "." || segment == "..");
    if !is_plain {
        return None;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    // A name with an ending is a file's: who asks for a picture must not be given the page. So is one of a static host's own files.
    let is_file = path.starts_with(HASHED) || last.contains('.') || last.starts_with('_');
    match path.as_ref() {
        "/" => Some(Target::Page),
        _ if is_file => Some(Target::File(path)),
        _ => Some(Target::FileOrPage(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<Target<'_>>) {
        assert_eq!(target(path), expected, "{path}");
    }

    #[test]
    fn an_address_of_the_page_may_be_the_page() {
        check("/", Some(Target::Page));
        check("/c/0190", Some(Target::FileOrPage("/c/0190".into())));
        check("/c/a%20b", Some(Target::FileOrPage("/c/a b".into())));
        check("/c/", Some(Target::FileOrPage("/c/".into())));
        check("/assets", Some(Target::FileOrPage("/assets".into())));
    }

    #[test]
    fn a_name_with_an_ending_or_among_the_hashed_ones_is_a_file() {
        check("/favicon.ico", Some(Target::File("/favicon.ico".into())));
        check("/assets/index", Some(Target::File("/assets/index".into())));
        check("/a%73sets/index", Some(Target::File("/assets/index".into())));
        check("/.env", Some(Target::File("/.env".into())));
        check("/_headers", Some(Target::File("/_headers".into())));
    }

    #[test]
    fn who_asks_for_a_file_that_is_gone_is_not_given_the_page() {
        for path in ["/foo", "/settings/x", "/c"] {
            assert_eq!(missing(path), Missing::Page, "{path}");
        }
        for path in ["/assets/gone.js", "/assets/gone", "/robots.txt", "/_headers", "/_redirects", "/..", "/a%00"] {
            assert_eq!(missing(path), Missing::Nothing, "{path}");
        }
    }

    #[test]
    fn nothing_leads_out() {
        for path in [
            "/..",
            "/../secret",
            "/assets/../index.html",
            "/assets/%2e%2e/index.html",
            "/assets/..%2findex.html",
            "/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/./index.html",
            "/..\\index.html",
            "/%5c..%5cindex",
            "/index%00.html",
            "/a%0ab",
            "/%ff",
            "",
            "c/x",
            "https://elsewhere/",
        ] {
            check(path, None);
        }
        // Encoded twice it is an odd name, not a way.
        check("/%252e%252e/x", Some(Target::FileOrPage("/%2e%2e/x".into())));
    }
}
