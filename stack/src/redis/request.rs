//! Commands out of HTTP requests: JSON bodies and path style.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One command: its name and arguments.
pub type Command = Vec<Vec<u8>>;

/// Why a request holds no command.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// Not JSON.
    #[error("ERR failed to parse command: {0}")]
    Json(String),
    /// JSON of another shape.
    #[error("ERR failed to parse command: expected an array of strings and numbers")]
    Shape,
    /// JSON of another shape, for several commands.
    #[error("ERR failed to parse pipeline: expected an array of commands")]
    PipelineShape,
    /// No command at all.
    #[error("ERR empty command")]
    Empty,
}

/// `["SET","k","v"]`
pub fn command(body: &[u8]) -> Result<Command, RequestError> {
    of(&parsed(body)?)
}

/// `[["SET","k","v"],["GET","k"]]`
pub fn pipeline(body: &[u8]) -> Result<Vec<Command>, RequestError> {
    match parsed(body)? {
        Value::Array(items) if items.is_empty() => Err(RequestError::Empty),
        Value::Array(items) if items.iter().all(Value::is_array) => items.iter().map(of).collect(),
        _ => Err(RequestError::PipelineShape),
    }
}

/// `/set/k/v?EX=100`: each part of the path is an argument, then the body if there is one, then the query's names and values.
pub fn path_style(path: &str, query: Option<&str>, body: &[u8]) -> Result<Command, RequestError> {
    let decode = |part: &str| percent_decode_str(part).collect::<Vec<u8>>();
    let mut command: Command = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    if command.is_empty() {
        return Err(RequestError::Empty);
    }
    if !body.is_empty() {
        command.push(body.to_vec());
    }
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        command.push(name.into_owned().into_bytes());
        if !value.is_empty() {
            command.push(value.into_owned().into_bytes());
        }
    }
    Ok(command)
}

fn parsed(body: &[u8]) -> Result<Value, RequestError> {
    serde_json::from_slice(body).map_err(|error| RequestError::Json(error.to_string()))
}

fn of(json: &Value) -> Result<Command, RequestError> {
    let Value::Array(items) = json else {
        return Err(RequestError::Shape);
    };
    if items.is_empty() {
        return Err(RequestError::Empty);
    }
    let arguments = items.iter().map(|item| match item {
        Value::String(text) => Ok(text.clone().into_bytes()),
        Value::Number(number) => Ok(number.to_string().into_bytes()),
        Value::Bool(truth) => Ok(truth.to_string().into_bytes()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(RequestError::Shape),
    });
    arguments.collect()
}
