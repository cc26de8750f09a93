//! Where events end in bytes that are kept, so that they can be handed out again one by one and unchanged.

use std::borrow::Cow;

/// The length of the first event in `bytes`, its blank line included; `None`: its end has not come yet.
#[must_use]
pub fn first_event(bytes: &[u8]) -> Option<usize> {
    let mut line_begins = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let line_ends = at;
        at += 1;
        match byte {
            b'\n' => {}
            // The LF of a CRLF may still be under way.
            b'\r' => match bytes.get(at) {
                Some(b'\n') => at += 1,
                Some(_) => {}
                None => return None,
            },
            _ => continue,
        }
        if line_ends == line_begins && line_begins > 0 {
            return Some(at);
        }
        line_begins = at;
    }
    None
}

/// The length of all events in `bytes` that have come to their end.
#[must_use]
pub fn whole_events(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(event) = bytes.get(length..).and_then(first_event) {
        length += event;
    }
    length
}

/// The event without its `id` lines, and with a last line end that no reader has to wait after.
#[must_use]
pub fn without_ids(event: &[u8]) -> Cow<'_, [u8]> {
    // An LF that follows a CR would be the same line's, so lines may end at either.
    let is_id = |line: &[u8]| {
        let field = line.split(|byte| matches!(byte, b':' | b'\r' | b'\n')).next();
        field == Some(b"id")
    };
    let lines = || event.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'));
    if !lines().any(is_id) && event.last() != Some(&b'\r') {
        return Cow::Borrowed(event);
    }
    let mut kept = Vec::with_capacity(event.len() + 1);
    let mut left_out = false;
    for line in lines() {
        // The LF of a CRLF goes with its line.
        let is_rest_of_line_end = line == b"\n" && left_out;
        left_out = is_id(line);
        if !left_out && !is_rest_of_line_end {
            kept.extend_from_slice(line);
        }
        left_out &= line.last() == Some(&b'\r');
    }
    if event.last() == Some(&b'\r') {
        kept.push(b'\n');
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(length) = first_event(rest.as_bytes()) {
            let (event, after) = rest.split_at(length);
            found.push(event);
            rest = after;
        }
        found
    }

    #[test]
    fn events_end_with_a_blank_line_of_any_kind() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("data: 1{end}{end}event: x{end}data: 2{end}{end}data: un");
            let first = format!("data: 1{end}{end}");
            let second = format!("event: x{end}data: 2{end}{end}");
            assert_eq!(events(&text), [first.as_str(), second.as_str()], "{end:?}");
            assert_eq!(whole_events(text.as_bytes()), first.len() + second.len());
        }
    }

    #[test]
    fn ids_are_left_out_whatever_ends_their_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let last = if end == "\r" { "\n" } else { "" };
            for (event, kept) in [
                ("id: 7|data: a||", "data: a||"),
                ("data: a|id|ids: 1|id:|:id: 2||", "data: a|ids: 1|:id: 2||"),
                ("data: id: 3||", "data: id: 3||"),
                ("id: 7||", "|"),
            ] {
                let (event, kept) = (event.replace('|', end), kept.replace('|', end) + last);
                assert_eq!(String::from_utf8_lossy(&without_ids(event.as_bytes())), kept, "{event:?}");
            }
        }
        assert_eq!(&*without_ids(b"data: cut"), b"data: cut");
        assert_eq!(&*without_ids(b"id: cut"), b"");
    }

    #[test]
    fn a_carriage_return_at_the_end_may_be_half_a_line_end() {
        assert_eq!(first_event(b"data: 1\r\n\r"), None);
        assert_eq!(first_event(b"data: 1\r\n\r\n"), Some(11));
        assert_eq!(first_event(b""), None);
        assert_eq!(first_event(b"data: 1\n"), None);
    }
}
