//! The text of a statement or script as it is sent: put together when it is compiled, its name in front, without its other comments.
//!
//! The first line is `-- begin_answer`: by it a statement is found in Postgres' own statistics and in the tests that let one fail.

/// How a language writes its strings and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A quote within a string is doubled; a backslash is a character like any other.
    Sql,
    /// A backslash within a string takes the next character with it.
    Lua,
}

/// A text of `$language` as it is sent: the tag `$name`, then `$source` without comments.
macro_rules! embed {
    ($language:ident, $name:literal, $source:expr) => {{
        use $crate::query_text::{Language, tagged, without_comments};
        const SOURCE: &str = concat!("-- ", $name, "\n", $source);
        const LENGTH: usize = without_comments::<0>(SOURCE, Language::$language).1;
        const TEXT: &[u8; LENGTH] = &without_comments(SOURCE, Language::$language).0;
        tagged(TEXT)
    }};
}
pub(crate) use embed;

/// What [`without_comments`] has left.
pub(crate) const fn tagged(text: &[u8]) -> &str {
    match core::str::from_utf8(text) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
}

/// The text without its comments but the first line, which is its tag; lines with nothing else on them go whole. Gives the bytes that
/// have room in `N`, and how many there are in all.
///
/// Strings are left as they are. What this does not know (long strings and comments of Lua; block comments, dollar quotes and `E'…'` of SQL)
/// is refused when it is compiled.
pub(crate) const fn without_comments<const N: usize>(text: &str, language: Language) -> ([u8; N], usize) {
    let mut kept = Kept { bytes: [0; N], length: 0, line: 0, solid: 0 };
    let mut rest = text.as_bytes();
    let mut quote = None;
    let mut before = b'\n';
    let mut is_tag = true;
    while let [byte, after @ ..] = rest {
        rest = after;
        match quote {
            Some(open) => {
                kept = kept.with(*byte, true);
                if *byte == b'\\' && matches!(language, Language::Lua) {
                    if let [escaped, after @ ..] = rest {
                        kept = kept.with(*escaped, true);
                        rest = after;
                    }
                } else if *byte == open {
                    quote = None;
                }
            }
            None if is_tag => {
                kept = kept.with(*byte, true);
                is_tag = *byte != b'\n';
                if !is_tag {
                    kept.line = kept.length;
                }
            }
            None => {
                refuse_unknown(*byte, before, rest, language);
                match (*byte, rest) {
                    (b'-', [b'-', ..]) => {
                        while let [byte, after @ ..] = rest {
                            if *byte == b'\n' {
                                break;
                            }
                            rest = after;
                        }
                    }
                    (b'\n', _) => kept = kept.with_end_of_line(),
                    (b'\'' | b'"', _) => {
                        quote = Some(*byte);
                        kept = kept.with(*byte, true);
                    }
                    (other, _) => kept = kept.with(other, !matches!(other, b' ' | b'\t')),
                }
            }
        }
        before = *byte;
    }
    assert!(quote.is_none(), "a string without an end");
    (kept.bytes, kept.solid)
}

/// The text that is left so far.
struct Kept<const N: usize> {
    bytes: [u8; N],
    length: usize,
    /// Where its last line begins.
    line: usize,
    /// Its length without the blanks at its end.
    solid: usize,
}

impl<const N: usize> Kept<N> {
    const fn with(mut self, byte: u8, is_solid: bool) -> Self {
        if let Some((_, [place, ..])) = self.bytes.split_at_mut_checked(self.length) {
            *place = byte;
        }
        self.length += 1;
        if is_solid {
            self.solid = self.length;
        }
        self
    }

    /// Nothing is left of a line of blanks, nor of blanks at a line's end.
    const fn with_end_of_line(mut self) -> Self {
        self.length = self.solid;
        if self.solid > self.line {
            self = self.with(b'\n', true);
            self.line = self.length;
        }
        self
    }
}

/// Stops the compiler at what could hide a comment's beginning or a string's end.
const fn refuse_unknown(byte: u8, before: u8, rest: &[u8], language: Language) {
    let (is_long, is_block, is_escaped) = match language {
        Language::Lua => {
            (matches!((byte, rest), (b'[', [b'[' | b'=', ..]) | (b'-', [b'-', b'[', b'[' | b'=', ..])), false, false)
        }
        Language::Sql => (
            matches!((byte, rest), (b'$', [next, ..]) if !next.is_ascii_digit()),
            matches!((byte, rest), (b'/', [b'*', ..])),
            byte == b'\'' && matches!(before, b'E' | b'e'),
        ),
    };
    assert!(!is_long, "a long string or comment");
    assert!(!is_block, "a block comment");
    assert!(!is_escaped, "a string with escapes");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, text: &str, expected: &str) {
        let text = format!("-- tag\n{text}");
        let (bytes, length) = without_comments::<4096>(&text, language);
        assert_eq!(tagged(&bytes[..length]), format!("-- tag\n{expected}"), "{language:?}: {text}");
        assert_eq!(without_comments::<0>(&text, language).1, length, "counted without room: {text}");
    }

    #[test]
    fn comments_go_and_the_tag_stays() {
        for language in [Language::Sql, Language::Lua] {
            check(language, "", "");
            check(language, "-- what it does\n-- and how\na\n", "a\n");
            check(language, "a -- why\nb\n", "a\nb\n");
            check(language, "a\n\n  -- why\n  b  \n\t\nc", "a\n  b\nc");
            check(language, "a - b --c--\n", "a - b\n");
            check(language, "a\n  b -- the last line", "a\n  b");
            check(language, "größer -- größer\nals", "größer\nals");
        }
    }

    #[test]
    fn what_looks_like_a_comment_within_a_string_is_none() {
        for language in [Language::Sql, Language::Lua] {
            check(language, "a '--b' -- c\n", "a '--b'\n");
            check(language, "a \"--b\" -- c\n", "a \"--b\"\n");
            check(language, "a '\"--' -- b\n", "a '\"--'\n");
            check(language, "a \"it's --\" -- b\n", "a \"it's --\"\n");
            check(language, "a '' -- it's\nb\n", "a ''\nb\n");
            check(language, "'a  \n\n--b\n' -- c\n", "'a  \n\n--b\n'\n");
        }
        check(Language::Sql, "'it''s --' -- b\n", "'it''s --'\n");
        check(Language::Sql, r"'\' -- b", r"'\'");
        check(Language::Lua, r"'it\'s --' -- b", r"'it\'s --'");
        check(Language::Lua, r"'\\' -- b", r"'\\'");
    }

    #[test]
    fn an_apostrophe_in_a_comment_opens_no_string() {
        check(Language::Sql, "-- the user's row\na -- it's\nb", "a\nb");
        check(Language::Lua, "-- the user's row\na -- it's\nb", "a\nb");
    }

    #[test]
    fn what_could_hide_a_comment_is_refused() {
        for (language, text) in [
            (Language::Lua, "[[ -- ]]"),
            (Language::Lua, "[==[ -- ]==]"),
            (Language::Lua, "--[[ a\n b ]]"),
            (Language::Sql, "a /* ' */"),
            (Language::Sql, "$$ -- $$"),
            (Language::Sql, "$body$ -- $body$"),
            (Language::Sql, r"E'\' -- '"),
            (Language::Sql, "'a"),
        ] {
            let text = format!("-- tag\n{text}");
            let stripped = std::panic::catch_unwind(|| without_comments::<0>(&text, language));
            assert!(stripped.is_err(), "{language:?}: {text}");
        }
        check(Language::Sql, "$1::uuid / 2", "$1::uuid / 2");
        check(Language::Lua, "a[b[1]]", "a[b[1]]");
    }
}
