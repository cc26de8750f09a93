//! As much of CBOR (RFC 8949) as authenticators write: definite lengths, integers, bytes, texts, arrays and maps (CTAP2's canonical form).

/// How deep arrays and maps may lie within each other: attestations have three floors.
const DEEPEST: usize = 8;

/// Something that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A whole number.
    Integer(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text, a list, a map or a simple value: read past.
    Other,
}

/// Reads from the front. Each reading gives nothing where something else stands, or less than all of it.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next bytes as they are.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// As many of them as fit.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// The first byte's kind, and the number that goes with it.
    fn head(&mut self) -> Option<(u8, u64)> {
        let [first] = self.array()?;
        let number = match first & 0x1f {
            small @ 0..=23 => small.into(),
            24 => u8::from_be_bytes(self.array()?).into(),
            25 => u16::from_be_bytes(self.array()?).into(),
            26 => u32::from_be_bytes(self.array()?).into(),
            27 => u64::from_be_bytes(self.array()?),
            // Reserved, or of a length that is not told.
            _ => return None,
        };
        Some((first >> 5, number))
    }

    /// A map's number of pairs, which come next.
    pub fn map(&mut self) -> Option<u64> {
        self.head().filter(|(kind, _)| *kind == 5).map(|(_, pairs)| pairs)
    }

    pub fn text(&mut self) -> Option<&'a [u8]> {
        let (_, length) = self.head().filter(|(kind, _)| *kind == 3)?;
        self.take(usize::try_from(length).ok()?)
    }

    pub fn integer(&mut self) -> Option<i64> {
        match self.value()? {
            Value::Integer(number) => Some(number),
            Value::Bytes(_) | Value::Other => None,
        }
    }

    /// Whatever comes next, whole.
    pub fn value(&mut self) -> Option<Value<'a>> {
        self.value_within(DEEPEST)
    }

    fn value_within(&mut self, floors: usize) -> Option<Value<'a>> {
        let floors = floors.checked_sub(1)?;
        let (kind, number) = self.head()?;
        let length = usize::try_from(number);
        match kind {
            0 => i64::try_from(number).ok().map(Value::Integer),
            1 => i64::try_from(number).ok().map(|number| Value::Integer(-1 - number)),
            2 => self.take(length.ok()?).map(Value::Bytes),
            3 => self.take(length.ok()?).map(|_| Value::Other),
            4 | 5 => {
                // Each takes a byte at least: a number that is made up ends with the bytes.
                for _ in 0..number {
                    self.value_within(floors)?;
                    if kind == 5 {
                        self.value_within(floors)?;
                    }
                }
                Some(Value::Other)
            }
            // A tag stands before what it is of.
            6 => self.value_within(floors),
            _ => Some(Value::Other),
        }
    }
}
