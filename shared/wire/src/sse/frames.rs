//! Where events end in bytes that are kept, so that they can be handed out again one by one and unchanged.

/// The length of the first event in `bytes`, its blank line included; `None`: its end has not come yet.
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
pub fn whole_events(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(event) = bytes.get(length..).and_then(first_event) {
        length += event;
    }
    length
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
    fn a_carriage_return_at_the_end_may_be_half_a_line_end() {
        assert_eq!(first_event(b"data: 1\r\n\r"), None);
        assert_eq!(first_event(b"data: 1\r\n\r\n"), Some(11));
        assert_eq!(first_event(b""), None);
        assert_eq!(first_event(b"data: 1\n"), None);
    }
}
