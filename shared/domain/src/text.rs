//! What can be seen of a text, and where its lines end.

/// Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt, Unicode 17): what a renderer shows nothing for, such as zero-width
/// spaces, variation selectors, tags, direction controls and Hangul fillers. The test below compares it with ICU's data.
const IGNORABLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fff8}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// What is not in the list above and cannot be seen either: a braille cell without a dot, interlinear annotation marks, the joins and the
/// blanks of hieroglyphs, a note without a head.
const BLANK: &[(char, char)] =
    &[('\u{2800}', '\u{2800}'), ('\u{fff9}', '\u{fffb}'), ('\u{13430}', '\u{13442}'), ('\u{1d159}', '\u{1d159}')];

/// Whether nothing of a text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

fn is_invisible(character: char) -> bool {
    character.is_whitespace() || character.is_control() || is_in(BLANK, character) || is_in(IGNORABLE, character)
}

fn is_in(ranges: &[(char, char)], character: char) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// The text with each end of a line as one `\n`: CR LF of Windows, and the lone CR of old files and some terminals.
pub(crate) fn with_newlines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The text on one line: an end of a line, or a step to the next column or page, is a space.
pub(crate) fn on_one_line(text: &str) -> String {
    let is_break =
        |character| matches!(character, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    text.replace("\r\n", "\n").replace(is_break, " ")
}

/// A name of at most `most` characters on one line, by which its owner tells something from others: control characters are removed, surrounding blanks go; of a text
/// that cannot be seen nothing is left. `Err`: how many characters there are.
pub(crate) fn name(raw: &str, most: usize) -> Result<String, usize> {
    let mut kept = on_one_line(raw);
    kept.retain(|character| !character.is_control());
    let name = kept.trim();
    match name.chars().count() {
        _ if is_blank(name) => Ok(String::new()),
        chars if chars > most => Err(chars),
        _ => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointSetData;
    use icu_properties::props::DefaultIgnorableCodePoint;

    use super::*;

    #[test]
    fn what_is_ignorable_is_unicodes_list() {
        let unicode = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let different: Vec<char> = (char::MIN..=char::MAX)
            .filter(|character| unicode.contains(*character) != is_in(IGNORABLE, *character))
            .collect();
        assert!(different.is_empty(), "{different:?}");
    }

    #[test]
    fn what_cannot_be_seen_is_blank() {
        for text in [
            "",
            " \u{200b}\t",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{2060}\u{feff}",
            "\u{202e}\u{2066}\u{2069}",
            "\u{fe0f}\u{e0067}\u{e007f}",
            "\u{2028}\u{85}\0",
            "\u{fff9}",
            "\u{13441}\u{13430}",
            "\u{1d159}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "\u{200b}.", "❤\u{fe0f}", "ㄱ", "⠁", "\u{301}", "🏴\u{e0067}\u{e007f}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
