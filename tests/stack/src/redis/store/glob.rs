//! Redis' key patterns: `*`, `?`, `[a-z]`, `[^…]`, and `\` before a character to take it as it is.

/// Whether `text` as a whole fits `pattern`.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([b'*', rest @ ..], text) => {
            let rest = strip_stars(rest);
            rest.is_empty() || (0..=text.len()).any(|at| matches(rest, text.get(at..).unwrap_or_default()))
        }
        (_, []) => false,
        ([b'?', rest @ ..], [_, text @ ..]) => matches(rest, text),
        ([b'[', class @ ..], [c, text @ ..]) => {
            let (fits, rest) = class_fits(class, *c);
            fits && matches(rest, text)
        }
        ([b'\\', escaped, rest @ ..], [c, text @ ..]) => escaped == c && matches(rest, text),
        ([p, rest @ ..], [c, text @ ..]) => p == c && matches(rest, text),
    }
}

fn strip_stars(mut pattern: &[u8]) -> &[u8] {
    while let [b'*', rest @ ..] = pattern {
        pattern = rest;
    }
    pattern
}

fn class_fits(class: &[u8], c: u8) -> (bool, &[u8]) {
    let (negated, mut class) = match class {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut fits = false;
    loop {
        class = match class {
            [] => return (fits != negated, class),
            [b']', rest @ ..] => return (fits != negated, rest),
            [b'\\', escaped, rest @ ..] => {
                fits |= *escaped == c;
                rest
            }
            [from, b'-', to, rest @ ..] => {
                fits |= (*from.min(to)..=*from.max(to)).contains(&c);
                rest
            }
            [one, rest @ ..] => {
                fits |= *one == c;
                rest
            }
        };
    }
}
