//! ECDSA's signatures: authenticators write them in DER (§6.5.5), verifiers read two numbers of 32 bytes.

/// `r` and `s` of a signature on P-256; `None` for what is not exactly DER's `SEQUENCE` of two positive `INTEGER`s.
#[must_use]
pub fn ecdsa_signature(der: &[u8]) -> Option<[u8; 64]> {
    const SEQUENCE: u8 = 0x30;
    let (numbers, rest) = element(der, SEQUENCE)?;
    let (r, numbers) = number(numbers)?;
    let (s, numbers) = number(numbers)?;
    if !rest.is_empty() || !numbers.is_empty() {
        return None;
    }
    let mut raw = [0; 64];
    raw.iter_mut().zip(r.into_iter().chain(s)).for_each(|(place, byte)| *place = byte);
    Some(raw)
}

/// The contents of an element, and what follows it. All of ours are shorter than 128 bytes, so that their length is one byte.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    match der {
        [found, length @ 0..=127, rest @ ..] if *found == tag => rest.split_at_checked(usize::from(*length)),
        _ => None,
    }
}

/// A number in 32 bytes. In DER a zero goes before it only where it would be taken for a negative one.
fn number(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    const INTEGER: u8 = 2;
    let (contents, rest) = element(der, INTEGER)?;
    let digits = match contents {
        [0, digits @ ..] if digits.first().is_some_and(|first| *first > 127) => digits,
        digits @ [1..=127, ..] => digits,
        // Negative, zero, or not as short as can be.
        _ => return None,
    };
    let zeros = 32_usize.checked_sub(digits.len())?;
    let mut number = [0; 32];
    number.iter_mut().skip(zeros).zip(digits).for_each(|(place, byte)| *place = *byte);
    Some((number, rest))
}
