//! Lua's `cjson`, as far as scripts use it: `encode`, `decode`, `null`.

use super::number::general;
use mlua::{Error, Lua, Result, Table, Value};
use serde_json::Value as Json;

/// cjson's own limit.
const MAX_DEPTH: usize = 1000;

/// The library's table.
pub fn library(lua: &Lua) -> Result<Table> {
    let library = lua.create_table()?;
    library.set(
        "encode",
        lua.create_function(|lua, value: Value| {
            let mut out = Vec::new();
            encode(&value, &mut out, 0)?;
            lua.create_string(out)
        })?,
    )?;
    library.set(
        "decode",
        lua.create_function(|lua, text: mlua::String| {
            let json: Json = serde_json::from_slice(&text.as_bytes())
                .map_err(|error| Error::runtime(format!("Expected value but found invalid token: {error}")))?;
            decode(lua, &json)
        })?,
    )?;
    library.set("null", Value::NULL)?;
    Ok(library)
}

fn encode(value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::runtime(format!("Cannot serialise, excessive depth ({depth})")));
    }
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::LightUserData(pointer) if pointer.0.is_null() => out.extend_from_slice(b"null"),
        Value::Boolean(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Integer(number) => out.extend_from_slice(general(*number as f64, 14).as_bytes()),
        Value::Number(number) if number.is_finite() => out.extend_from_slice(general(*number, 14).as_bytes()),
        Value::Number(_) => return Err(Error::runtime("Cannot serialise number: must not be NaN or Inf")),
        Value::String(text) => string(&text.as_bytes(), out),
        Value::Table(table) => encode_table(table, out, depth)?,
        other => return Err(Error::runtime(format!("Cannot serialise {}: type not supported", other.type_name()))),
    }
    Ok(())
}

fn encode_table(table: &Table, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    let mut pairs = Vec::new();
    for pair in table.pairs::<Value, Value>() {
        pairs.push(pair?);
    }
    if let Some(last) = array_length(&pairs) {
        // cjson refuses an array that is mostly holes.
        if last > 10 && last > pairs.len().saturating_mul(2) {
            return Err(Error::runtime("Cannot serialise table: excessively sparse array"));
        }
        out.push(b'[');
        for index in 1..=last {
            if index > 1 {
                out.push(b',');
            }
            encode(&table.raw_get(index)?, out, depth + 1)?;
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
            Value::Number(number) => string(general(*number, 14).as_bytes(), out),
            Value::Integer(number) => string(general(*number as f64, 14).as_bytes(), out),
            _ => return Err(Error::runtime("Cannot serialise table: table key must be a number or string")),
        }
        out.push(b':');
        encode(value, out, depth + 1)?;
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

fn decode(lua: &Lua, json: &Json) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::NULL,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(lua.create_string(text)?),
        Json::Array(items) => {
            let table = lua.create_table()?;
            for (index, item) in items.iter().enumerate() {
                table.raw_set(index + 1, decode(lua, item)?)?;
            }
            Value::Table(table)
        }
        Json::Object(fields) => {
            let table = lua.create_table()?;
            for (name, value) in fields {
                table.raw_set(name.as_str(), decode(lua, value)?)?;
            }
            Value::Table(table)
        }
    })
}
