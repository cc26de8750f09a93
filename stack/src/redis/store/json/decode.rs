//! cjson's reader. A JSON library would be stricter and lose what scripts rely on: cjson takes strings of any bytes, fills a table in the
//! order of the text, which decides the order in which it is written again, and says at which character it stopped.

use super::MAX_DEPTH;
use super::raised;
use mlua::{Error, Lua, Result, Value};

/// The value that a text holds.
pub fn decode(lua: &Lua, text: &[u8]) -> Result<Value> {
    if let [0, _, ..] | [_, 0, ..] = text {
        return Err(raised(lua, "JSON parser does not support UTF-16 or UTF-32"));
    }
    let mut reader = Reader { lua, text, at: 0, depth: 0 };
    let token = reader.next();
    let value = reader.value(token)?;
    match reader.next() {
        (Token::End, _) => Ok(value),
        found => Err(reader.unexpected("the end", &found)),
    }
}

enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    Colon,
    Comma,
    Text(Vec<u8>),
    Number(f64),
    Boolean(bool),
    Null,
    End,
    Wrong(&'static str),
}

impl Token {
    /// As cjson calls it in its errors.
    fn name(&self) -> &'static str {
        match self {
            Self::ObjectBegin => "T_OBJ_BEGIN",
            Self::ObjectEnd => "T_OBJ_END",
            Self::ArrayBegin => "T_ARR_BEGIN",
            Self::ArrayEnd => "T_ARR_END",
            Self::Colon => "T_COLON",
            Self::Comma => "T_COMMA",
            Self::Text(_) => "T_STRING",
            Self::Number(_) => "T_NUMBER",
            Self::Boolean(_) => "T_BOOLEAN",
            Self::Null => "T_NULL",
            Self::End => "T_END",
            Self::Wrong(words) => words,
        }
    }
}

/// A token and where it begins; a wrong one, where it is wrong.
type Found = (Token, usize);

struct Reader<'a> {
    lua: &'a Lua,
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self, found: Found) -> Result<Value> {
        Ok(match found.0 {
            Token::Text(bytes) => Value::String(self.lua.create_string(bytes)?),
            Token::Number(number) => Value::Number(number),
            Token::Boolean(truth) => Value::Boolean(truth),
            Token::Null => Value::NULL,
            Token::ObjectBegin => self.nested(Self::object)?,
            Token::ArrayBegin => self.nested(Self::array)?,
            _ => return Err(self.unexpected("value", &found)),
        })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let Self { depth, at, .. } = self;
            return Err(raised(
                self.lua,
                &format!("Found too many nested data structures ({depth}) at character {at}"),
            ));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value> {
        let table = self.lua.create_table()?;
        let mut found = self.next();
        if matches!(found.0, Token::ObjectEnd) {
            return Ok(Value::Table(table));
        }
        loop {
            let Token::Text(name) = found.0 else {
                return Err(self.unexpected("object key string", &found));
            };
            let name = self.lua.create_string(name)?;
            found = self.next();
            if !matches!(found.0, Token::Colon) {
                return Err(self.unexpected("colon", &found));
            }
            found = self.next();
            table.raw_set(name, self.value(found)?)?;
            found = self.next();
            match found.0 {
                Token::ObjectEnd => return Ok(Value::Table(table)),
                Token::Comma => found = self.next(),
                _ => return Err(self.unexpected("comma or object end", &found)),
            }
        }
    }

    fn array(&mut self) -> Result<Value> {
        let table = self.lua.create_table()?;
        let mut found = self.next();
        if matches!(found.0, Token::ArrayEnd) {
            return Ok(Value::Table(table));
        }
        for index in 1.. {
            table.raw_set(index, self.value(found)?)?;
            found = self.next();
            match found.0 {
                Token::ArrayEnd => break,
                Token::Comma => found = self.next(),
                _ => return Err(self.unexpected("comma or array end", &found)),
            }
        }
        Ok(Value::Table(table))
    }

    fn unexpected(&self, wanted: &str, (token, at): &Found) -> Error {
        let found = token.name();
        raised(self.lua, &format!("Expected {wanted} but found {found} at character {}", at + 1))
    }

    /// The byte `on` places on from here; 0 at the end, as in C.
    fn byte(&self, on: usize) -> u8 {
        self.text.get(self.at.saturating_add(on)).copied().unwrap_or_default()
    }

    fn next(&mut self) -> Found {
        while matches!(self.byte(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        let begin = self.at;
        let rest = self.text.get(begin..).unwrap_or_default();
        let (token, length) = match self.byte(0) {
            // A zero byte ends the text, as in C.
            0 => (Token::End, 0),
            b'{' => (Token::ObjectBegin, 1),
            b'}' => (Token::ObjectEnd, 1),
            b'[' => (Token::ArrayBegin, 1),
            b']' => (Token::ArrayEnd, 1),
            b':' => (Token::Colon, 1),
            b',' => (Token::Comma, 1),
            b'"' => {
                let token = self.string();
                let is_wrong = matches!(token, Token::Wrong(_));
                return (token, if is_wrong { self.at } else { begin });
            }
            b'-' | b'+' | b'0'..=b'9' => number(rest),
            _ if rest.starts_with(b"true") => (Token::Boolean(true), 4),
            _ if rest.starts_with(b"false") => (Token::Boolean(false), 5),
            _ if rest.starts_with(b"null") => (Token::Null, 4),
            // cjson would also read Infinity and NaN, which no JSON of ours has.
            _ => (Token::Wrong("invalid token"), 0),
        };
        self.at += length;
        (token, begin)
    }

    fn string(&mut self) -> Token {
        let mut bytes = Vec::new();
        self.at += 1;
        loop {
            match self.byte(0) {
                0 => return Token::Wrong("unexpected end of string"),
                b'"' => break,
                b'\\' => {
                    let plain = match self.byte(1) {
                        sign @ (b'"' | b'\\' | b'/') => sign,
                        b'b' => 0x08,
                        b'f' => 0x0c,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'u' => {
                            let Some((letter, length)) = self.unicode() else {
                                return Token::Wrong("invalid unicode escape code");
                            };
                            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                            self.at += length;
                            continue;
                        }
                        _ => return Token::Wrong("invalid escape code"),
                    };
                    bytes.push(plain);
                    self.at += 2;
                }
                byte => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Token::Text(bytes)
    }

    /// A letter written as `\u` and four hexadecimal digits, or as two of these, and how long that is.
    fn unicode(&self) -> Option<(char, usize)> {
        let high = self.unit(2)?;
        if (high & 0xf800) != 0xd800 {
            return Some((char::from_u32(high)?, 6));
        }
        let low = (self.byte(6) == b'\\' && self.byte(7) == b'u').then(|| self.unit(8)).flatten()?;
        let letter = char::decode_utf16([u16::try_from(high).ok()?, u16::try_from(low).ok()?]).next()?.ok()?;
        Some((letter, 12))
    }

    fn unit(&self, on: usize) -> Option<u32> {
        let digit = |place| char::from(self.byte(on + place)).to_digit(16);
        Some(digit(0)? << 12 | digit(1)? << 8 | digit(2)? << 4 | digit(3)?)
    }
}

/// The longest number at the beginning, as C's strtod reads it, but no hexadecimal one.
fn number(text: &[u8]) -> (Token, usize) {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let whole = digits(end);
    end += whole;
    let mut has_digits = whole > 0;
    if text.get(end) == Some(&b'.') {
        let decimals = digits(end + 1);
        has_digits |= decimals > 0;
        end += 1 + decimals;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let written = text.get(..end).and_then(|text| std::str::from_utf8(text).ok());
    match written.filter(|_| has_digits).and_then(|text| text.parse().ok()) {
        Some(number) => (Token::Number(number), end),
        None => (Token::Wrong("invalid number"), 0),
    }
}
