//! Lua's `cjson`, as far as scripts use it: `encode`, `decode`, `null`, with lua-cjson 2.1's results and words.

use super::number::general;
use mlua::{Error, Lua, Result, Table, Value};

mod decode;

/// cjson's own limit, both ways.
const MAX_DEPTH: usize = 1000;

/// The library's table.
pub fn library(lua: &Lua) -> Result<Table> {
    let library = lua.create_table()?;
    let encoded = |lua: &Lua, value: Value| {
        let mut out = Vec::new();
        encode(&value, &mut out, 0).map_err(|Words(words)| raised(lua, &words))?;
        lua.create_string(out)
    };
    library.set("encode", lua.create_function(encoded)?)?;
    let decoded = |lua: &Lua, text: mlua::String| decode::decode(lua, &text.as_bytes());
    library.set("decode", lua.create_function(decoded)?)?;
    library.set("null", Value::NULL)?;
    Ok(library)
}

/// What `luaL_error` makes of words: the caller's line before them, if a line of Lua called.
fn raised(lua: &Lua, words: &str) -> Error {
    let line = lua.inspect_stack(1, |caller| caller.current_line()).flatten();
    Error::runtime(match line {
        Some(line) => format!("user_script:{line}: {words}"),
        None => words.to_owned(),
    })
}

/// Why a value is no JSON.
struct Words(String);

impl From<Error> for Words {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

fn encode(value: &Value, out: &mut Vec<u8>, depth: usize) -> std::result::Result<(), Words> {
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::LightUserData(pointer) if pointer.0.is_null() => out.extend_from_slice(b"null"),
        Value::Boolean(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Integer(number) => out.extend_from_slice(general(*number as f64, 14).as_bytes()),
        Value::Number(number) if number.is_finite() => out.extend_from_slice(general(*number, 14).as_bytes()),
        Value::Number(_) => return Err(Words("Cannot serialise number: must not be NaN or Inf".to_owned())),
        Value::String(text) => string(&text.as_bytes(), out),
        Value::Table(table) => encode_table(table, out, depth + 1)?,
        other => return Err(Words(format!("Cannot serialise {}: type not supported", other.type_name()))),
    }
    Ok(())
}

fn encode_table(table: &Table, out: &mut Vec<u8>, depth: usize) -> std::result::Result<(), Words> {
    if depth > MAX_DEPTH {
        return Err(Words(format!("Cannot serialise, excessive nesting ({depth})")));
    }
    let mut pairs = Vec::new();
    for pair in table.pairs::<Value, Value>() {
        pairs.push(pair?);
    }
    if let Some(last) = array_length(&pairs) {
        // cjson refuses an array that is mostly holes.
        if last > 10 && last > pairs.len().saturating_mul(2) {
            return Err(Words("Cannot serialise table: excessively sparse array".to_owned()));
        }
        out.push(b'[');
        for index in 1..=last {
            if index > 1 {
                out.push(b',');
            }
            encode(&table.raw_get(index)?, out, depth)?;
        }
        out.push(b']');
        return Ok(());
    }
    out.push(b'{');
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match name {
            Value::String(text) => string(&text.as_bytes(), out),
            Value::Number(number) => quoted(*number, out),
            Value::Integer(number) => quoted(*number as f64, out),
            other => {
                let kind = other.type_name();
                return Err(Words(format!("Cannot serialise {kind}: table key must be a number or string")));
            }
        }
        out.push(b':');
        encode(value, out, depth)?;
    }
    out.push(b'}');
    Ok(())
}

/// The highest index, when all keys are whole numbers from 1 up. An empty table is an object to cjson.
fn array_length(pairs: &[(Value, Value)]) -> Option<usize> {
    let mut last = None;
    for (name, _) in pairs {
        let index = match name {
            Value::Integer(number) => usize::try_from(*number).ok(),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Value::Number(number) if *number >= 1.0 && number.fract() == 0.0 => Some(*number as usize),
            _ => None,
        };
        last = last.max(Some(index.filter(|index| *index > 0)?));
    }
    last
}

/// A number as the name of a field.
fn quoted(number: f64, out: &mut Vec<u8>) {
    string(general(number, 14).as_bytes(), out);
}

/// A JSON string of any bytes; cjson passes them through, and escapes the slash.
fn string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' | b'/' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..=0x1f | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}
