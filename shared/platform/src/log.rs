//! JSON log lines, one object each.

use std::borrow::Cow;

/// Where log lines go.
pub trait Log {
    /// Writes one record. Must not fail and must not block.
    fn write(&self, record: &Record);
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For a developer.
    Debug,
    /// What happened.
    Info,
    /// Something refused or retried.
    Warn,
    /// Something an operator should look at.
    Error,
}

impl Level {
    /// The name as it stands in the log and in `LOG_LEVEL`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A value of a log field. There is no variant for bytes or nested data: message text has no way in by accident.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Words and ids.
    Text(Cow<'static, str>),
    /// Counts, milliseconds, bytes.
    Number(u64),
}

impl From<&'static str> for Field {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Field {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// One log line.
#[derive(Clone, Debug)]
pub struct Record {
    /// How much it matters.
    pub level: Level,
    /// When, RFC 3339.
    pub timestamp: String,
    /// Readable alone.
    pub message: Cow<'static, str>,
    /// The closed list of docs/LOGGING.md.
    pub fields: Vec<(&'static str, Field)>,
}

impl Record {
    /// The line as one JSON object, without a newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut line = String::with_capacity(256);
        line.push_str("{\"timestamp\":");
        quote(&mut line, &self.timestamp);
        line.push_str(",\"level\":");
        quote(&mut line, self.level.name());
        line.push_str(",\"message\":");
        quote(&mut line, &self.message);
        for (name, value) in &self.fields {
            line.push(',');
            quote(&mut line, name);
            line.push(':');
            match value {
                Field::Text(text) => quote(&mut line, text),
                Field::Number(number) => line.push_str(&number.to_string()),
            }
        }
        line.push('}');
        line
    }
}

/// Appends `text` as a JSON string. Control characters are escaped, so a value cannot break out of its line.
fn quote(line: &mut String, text: &str) {
    line.push_str(&serde_json::Value::from(text).to_string());
}
