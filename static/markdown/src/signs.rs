//! Signs that stand for characters which Markdown must not see as its own.
//!
//! A text is spelled for the parser with some of its `$`, `*`, `_` and `~` replaced, each by a character of one byte, so that no
//! place moves. The signs are chosen for each text from the control characters that it has neither as they are nor as a
//! reference (`&#26;`), so nothing that a model writes is ever taken for one of them.

/// What signs stand for.
const MEANT: [u8; 4] = [b'$', b'*', b'_', b'~'];

/// Control characters that are never a sign: NUL, which the parser replaces, and the spaces.
const SPACES: u32 = 1 | 1 << b'\t' | 1 << b'\n' | 1 << 11 | 1 << 12 | 1 << b'\r';

/// One sign for each character of [`MEANT`].
pub struct Signs([u8; MEANT.len()]);

impl Signs {
    /// Signs that `text` does not have; none if it has nearly all control characters.
    pub fn unused_in(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut used = SPACES;
        for (at, byte) in bytes.iter().enumerate() {
            let code = match byte {
                0..32 => u32::from(*byte),
                b'&' if bytes.get(at + 1) == Some(&b'#') => referred(bytes.get(at + 2..).unwrap_or_default()),
                _ => continue,
            };
            used |= 1u32.checked_shl(code).unwrap_or_default();
        }
        let mut signs = [0; MEANT.len()];
        let mut unused = (0..32u8).filter(|code| used & (1 << code) == 0);
        for sign in &mut signs {
            *sign = unused.next()?;
        }
        Some(Self(signs))
    }

    /// What is written for `byte`: its sign, if it has one.
    pub fn of(&self, byte: u8) -> u8 {
        MEANT.iter().position(|meant| *meant == byte).and_then(|index| self.0.get(index)).copied().unwrap_or(byte)
    }

    /// `text` with the characters that signs stand for; nothing if it has no signs.
    pub fn restored(&self, text: &str) -> Option<String> {
        let meant = |c: char| {
            let index = self.0.iter().position(|sign| char::from(*sign) == c)?;
            MEANT.get(index).map(|byte| char::from(*byte))
        };
        text.bytes().any(|byte| self.0.contains(&byte)).then(|| text.chars().map(|c| meant(c).unwrap_or(c)).collect())
    }
}

/// The character that a reference means, of which `rest` follows `&#`.
fn referred(rest: &[u8]) -> u32 {
    let is_hexadecimal = matches!(rest.first(), Some(b'x' | b'X'));
    let radix = if is_hexadecimal { 16 } else { 10 };
    let digits = rest.iter().skip(usize::from(is_hexadecimal)).map_while(|byte| char::from(*byte).to_digit(radix));
    digits.fold(0, |code, digit| code.saturating_mul(radix).saturating_add(digit))
}
