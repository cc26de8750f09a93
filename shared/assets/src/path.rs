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
    /// A file; where there is none, one of the page's own addresses.
    FileOrPage(Cow<'a, str>),
}

/// Where files with a hash in their name are; the page has no address there.
const HASHED: &str = "/assets/";

/// The meaning of an address; `None` where it can have none.
pub(crate) fn target(path: &str) -> Option<Target<'_>> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_plain = path.starts_with('/')
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && !path.split('/').any(|segment| segment == "." || segment == "..");
    if !is_plain {
        return None;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    // A name with an ending is a file's: who asks for a picture must not be given the page.
    let is_file = path.starts_with(HASHED) || last.contains('.');
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
