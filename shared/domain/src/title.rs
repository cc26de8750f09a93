//! A title from the first words of the first message. No model call: it is free, instant and the same every time.

use crate::grapheme::beginning;
use crate::text::is_blank;

/// How long a made title may be, in characters: one line of the session list at phone width.
pub(crate) const MAX_CHARS: usize = 60;

pub(crate) const ELLIPSIS: char = '…';

/// The first words of `message` on one line, cut between words, with an ellipsis if something is missing.
#[must_use]
pub fn title_from(message: &str) -> String {
    let line = message.lines().find(|line| !is_blank(line)).unwrap_or_default();
    let more_lines = message.trim() != line.trim();
    let mut title = String::new();
    let mut length = 0;
    for word in line.split_whitespace() {
        let chars = word.chars().count();
        let with_blank = if title.is_empty() { chars } else { chars + 1 };
        if length + with_blank > MAX_CHARS {
            if title.is_empty() {
                title.push_str(beginning(word, MAX_CHARS - 1));
            }
            title.push(ELLIPSIS);
            return title;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
        length += with_blank;
    }
    if more_lines && length < MAX_CHARS {
        title.push(ELLIPSIS);
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message and its title in each line. The page makes the same titles, and tests them by the same cases.
    const CASES: &str = include_str!("title/cases.tsv");

    #[test]
    fn a_title_is_one_line_cut_between_words() {
        for case in CASES.lines() {
            let (message, title) = case.split_once('\t').unwrap();
            assert_eq!(title_from(&message.replace("\\n", "\n").replace("\\t", "\t")), title, "{case}");
        }
        let long = title_from(&"word ".repeat(50));
        assert!(long.ends_with("word…") && long.chars().count() <= MAX_CHARS + 1, "{long}");
    }

    #[test]
    fn what_a_reader_sees_as_one_character_is_not_halved() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦"; // 7 to Unicode
        let flag = "🇩🇪";
        let scotland = "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        for (picture, chars) in [(family, 7), (flag, 2), (scotland, 7), ("e\u{301}", 2), ("🤦🏽\u{200d}♂\u{fe0f}", 5)]
        {
            assert_eq!(picture.chars().count(), chars);
            for before in 0..8 {
                let before = "x".repeat(before);
                let title = title_from(&format!("{before}{}", picture.repeat(60)));
                let whole = (MAX_CHARS - 1 - before.len()) / chars;
                assert_eq!(title, format!("{before}{}…", picture.repeat(whole)));
            }
        }
        // More marks on one letter than a title has room for.
        let piled = title_from(&format!("a{}", "\u{301}".repeat(500)));
        assert_eq!(piled.chars().count(), MAX_CHARS);
    }
}
