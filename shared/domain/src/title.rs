//! A title from the first words of the first message. No model call: it is free, instant and the same every time.

/// How long a made title may be, in characters: one line of the session list at phone width.
const MAX_CHARS: usize = 60;

/// The first words of `message` on one line, cut between words, with an ellipsis if something is missing.
#[must_use]
pub fn title_from(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let more_lines = message.trim() != line.trim();
    let mut title = String::new();
    let mut length = 0;
    for word in line.split_whitespace() {
        let chars = word.chars().count();
        let with_blank = if title.is_empty() { chars } else { chars + 1 };
        if length + with_blank > MAX_CHARS {
            if title.is_empty() {
                title.extend(word.chars().take(MAX_CHARS - 1));
            }
            title.push('…');
            return title;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
        length += with_blank;
    }
    if more_lines && length < MAX_CHARS {
        title.push('…');
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_cut_between_words() {
        for (message, title) in [
            ("Hello", "Hello"),
            ("  Hello \t world ", "Hello world"),
            ("First line\nSecond line", "First line…"),
            ("\n\nAfter blanks", "After blanks"),
        ] {
            assert_eq!(title_from(message), title);
        }
        let long = title_from(&"word ".repeat(50));
        assert!(long.ends_with("word…") && long.chars().count() <= MAX_CHARS + 1, "{long}");
        assert_eq!(title_from(&"é".repeat(500)).chars().count(), MAX_CHARS);
    }
}
