//! The store on disk: one JSON line for the clock and one for each key, written aside and renamed, so that a crash leaves the old one.

use super::keyspace::{Entry, Keyspace, Value};
use super::zsets::SortedSet;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

#[derive(Deserialize, Serialize)]
struct Line {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    value: Stored,
}

/// Values with their bytes in base64.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Stored {
    Text(String),
    Hash(Vec<(String, String)>),
    Set(Vec<String>),
    /// Scores as text: JSON knows no infinity.
    Sorted(Vec<(String, String)>),
}

/// Reads the snapshot, if there is one. Keys that have died since then are dropped.
pub fn load(path: &Path) -> io::Result<Keyspace> {
    let mut keyspace = Keyspace::default();
    keyspace.tick();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(keyspace),
        Err(error) => return Err(error),
    };
    for line in BufReader::new(file).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let value = match line.value {
            Stored::Text(bytes) => Value::Text(decode(&bytes)?),
            Stored::Hash(fields) => {
                let fields = fields.iter().map(|(name, value)| Ok((decode(name)?, decode(value)?)));
                Value::Hash(fields.collect::<io::Result<_>>()?)
            }
            Stored::Set(members) => Value::Set(members.iter().map(|member| decode(member)).collect::<io::Result<_>>()?),
            Stored::Sorted(members) => {
                let mut set = SortedSet::default();
                for (member, score) in &members {
                    set.insert(decode(member)?, score.parse().map_err(io::Error::other)?);
                }
                Value::Sorted(set)
            }
        };
        if line.expires_at.is_none_or(|at| at > keyspace.now_ms()) {
            keyspace.put(&decode(&line.key)?, value, line.expires_at);
        }
    }
    keyspace.dirty = false;
    Ok(keyspace)
}

/// Writes these keys.
pub fn save(keys: &[(Vec<u8>, Entry)], path: &Path) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = BufWriter::new(File::create(&aside)?);
    for (key, entry) in keys {
        let value = match &entry.value {
            Value::Text(bytes) => Stored::Text(STANDARD.encode(bytes)),
            Value::Hash(fields) => Stored::Hash(
                fields.iter().map(|(name, value)| (STANDARD.encode(name), STANDARD.encode(value))).collect(),
            ),
            Value::Set(members) => Stored::Set(members.iter().map(|member| STANDARD.encode(member)).collect()),
            Value::Sorted(set) => {
                Stored::Sorted(set.iter().map(|(member, score)| (STANDARD.encode(member), score.to_string())).collect())
            }
        };
        serde_json::to_writer(&mut file, &Line { key: STANDARD.encode(key), expires_at: entry.expires_at, value })?;
        file.write_all(b"\n")?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(aside, path)
}

fn decode(text: &str) -> io::Result<Vec<u8>> {
    STANDARD.decode(text).map_err(io::Error::other)
}
