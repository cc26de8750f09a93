//! Answers of `/sql`: Neon's JSON, as raw text or with the types JSON has.

use super::connection::Outcome;
use super::error::SqlError;
use fallible_iterator::FallibleIterator;
use postgres_types::{Kind, Type};
use std::io::Write;

/// How one answer is to look.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Every value as its text.
    pub raw_text: bool,
    /// Every row an array.
    pub rows_as_arrays: bool,
}

/// Writes one result object.
pub fn result(outcome: &Outcome, shape: Shape, out: &mut Vec<u8>) -> Result<(), SqlError> {
    out.extend_from_slice(b"{\"fields\":[");
    for (index, field) in outcome.fields.iter().enumerate() {
        separate(index, out);
        out.extend_from_slice(b"{\"name\":");
        string(&field.name, out);
        let numbers = write!(
            out,
            ",\"dataTypeID\":{},\"tableID\":{},\"columnID\":{},\"dataTypeSize\":{},\"dataTypeModifier\":{},\"format\":\"text\"}}",
            field.type_oid, field.table_oid, field.column_id, field.type_size, field.type_modifier
        );
        numbers.map_err(SqlError::Lost)?;
    }
    out.extend_from_slice(b"],\"rows\":[");
    let types: Vec<Option<Type>> = outcome.fields.iter().map(|field| Type::from_oid(field.type_oid)).collect();
    for (index, row) in outcome.rows.iter().enumerate() {
        separate(index, out);
        out.push(if shape.rows_as_arrays { b'[' } else { b'{' });
        let mut ranges = row.ranges();
        let mut column = 0;
        while let Some(range) = ranges.next().map_err(SqlError::Lost)? {
            separate(column, out);
            if !shape.rows_as_arrays {
                string(outcome.fields.get(column).map_or("", |field| &field.name), out);
                out.push(b':');
            }
            match range.and_then(|range| row.buffer().get(range)) {
                None => out.extend_from_slice(b"null"),
                Some(text) => {
                    let text = String::from_utf8_lossy(text);
                    match types.get(column).and_then(Option::as_ref) {
                        Some(kind) if !shape.raw_text => value(&text, kind, out),
                        _ => string(&text, out),
                    }
                }
            }
            column += 1;
        }
        out.push(if shape.rows_as_arrays { b']' } else { b'}' });
    }
    let (command, count) = tag(&outcome.tag);
    out.extend_from_slice(b"],\"command\":");
    string(command, out);
    match count {
        Some(count) => write!(out, ",\"rowCount\":{count}"),
        None => write!(out, ",\"rowCount\":null"),
    }
    .map_err(SqlError::Lost)?;
    write!(out, ",\"rowAsArray\":{}}}", shape.rows_as_arrays).map_err(SqlError::Lost)
}

/// The first word of a command tag, and the count at its end (`INSERT 0 3`).
fn tag(tag: &str) -> (&str, Option<u64>) {
    let command = tag.split(' ').next().unwrap_or_default();
    (command, tag.rsplit(' ').next().and_then(|last| last.parse().ok()))
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a Vec cannot fail.
    let _ = serde_json::to_writer(&mut *out, text);
}

/// A value as JSON where JSON has the type: booleans, small integers, finite floats, JSON itself, and arrays of anything. What would lose
/// digits or meaning (int8, numeric, times) stays a string.
fn value(text: &str, kind: &Type, out: &mut Vec<u8>) {
    if let Kind::Array(element) = kind.kind() {
        if !array(text, element, out) {
            string(text, out);
        }
        return;
    }
    let verbatim = match *kind {
        Type::BOOL => Some(if text == "t" { "true" } else { "false" }.to_owned()),
        Type::INT2 | Type::INT4 => text.parse::<i32>().ok().map(|number| number.to_string()),
        Type::FLOAT4 | Type::FLOAT8 => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.and_then(|number| serde_json::to_string(&number).ok())
        }
        Type::JSON | Type::JSONB => Some(text.to_owned()),
        _ => None,
    };
    match verbatim {
        Some(json) => out.extend_from_slice(json.as_bytes()),
        None => string(text, out),
    }
}

/// Turns Postgres' array text (`{1,NULL,"a b",{…}}`, perhaps with bounds before it) into a JSON array. False, and nothing written, when
/// it is not an array after all.
fn array(text: &str, element: &Type, out: &mut Vec<u8>) -> bool {
    let body = match (text.starts_with('['), text.find('=')) {
        (true, Some(equals)) => text.get(equals + 1..).unwrap_or_default(),
        _ => text,
    };
    let start = out.len();
    let mut rest = body.chars().peekable();
    let whole = array_level(&mut rest, element, out) && rest.next().is_none();
    if !whole {
        out.truncate(start);
    }
    whole
}

fn array_level(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, element: &Type, out: &mut Vec<u8>) -> bool {
    if rest.next() != Some('{') {
        return false;
    }
    out.push(b'[');
    if rest.next_if_eq(&'}').is_some() {
        out.push(b']');
        return true;
    }
    loop {
        match rest.peek() {
            Some('{') => {
                if !array_level(rest, element, out) {
                    return false;
                }
            }
            Some('"') => {
                rest.next();
                let mut item = String::new();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some('\\') => item.extend(rest.next()),
                        Some(c) => item.push(c),
                        None => return false,
                    }
                }
                value(&item, element, out);
            }
            _ => {
                let mut item = String::new();
                while let Some(c) = rest.next_if(|c| !matches!(c, ',' | '}')) {
                    item.push(c);
                }
                if item == "NULL" {
                    out.extend_from_slice(b"null");
                } else {
                    value(&item, element, out);
                }
            }
        }
        match rest.next() {
            Some(',') => out.push(b','),
            Some('}') => {
                out.push(b']');
                return true;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
