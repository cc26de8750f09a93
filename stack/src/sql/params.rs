//! Query parameters: from JSON to the text that Postgres reads, by Neon's rules.
//!
//! All parameters are sent as text and Postgres infers their types, so a number, a boolean and their JSON text are the same to it.

use serde_json::value::RawValue;

/// The text of one parameter, `None` for NULL.
pub fn text(json: &RawValue) -> Result<Option<String>, serde_json::Error> {
    let raw = json.get();
    Ok(match raw.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => Some(serde_json::from_str(raw)?),
        Some(b'[') => Some(array(json)?),
        _ => Some(raw.to_owned()),
    })
}

/// A Postgres array literal: strings and objects become quoted elements, null becomes NULL, arrays nest.
fn array(json: &RawValue) -> Result<String, serde_json::Error> {
    let elements: Vec<&RawValue> = serde_json::from_str(json.get())?;
    let mut literal = String::from("{");
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            literal.push(',');
        }
        let raw = element.get();
        match raw.as_bytes().first() {
            Some(b'n') => literal.push_str("NULL"),
            Some(b'"') => quote(&mut literal, &serde_json::from_str::<String>(raw)?),
            Some(b'[') => literal.push_str(&array(element)?),
            Some(b'{') => quote(&mut literal, raw),
            _ => literal.push_str(raw),
        }
    }
    literal.push('}');
    Ok(literal)
}

fn quote(literal: &mut String, text: &str) {
    literal.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
}
