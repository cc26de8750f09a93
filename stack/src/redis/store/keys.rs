//! Commands on keys of any type, and on the store as a whole.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::keyspace::Keyspace;
use super::number::integer;
use crate::redis::Reply;

pub fn del(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(a.from(1).iter().filter(|key| keyspace.remove(key).is_some()).count() as i64))
}

pub fn exists(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(a.from(1).iter().filter(|key| keyspace.entry(key).is_some()).count() as i64))
}

/// `PEXPIRE` without Redis 7's conditions.
pub fn pexpire(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let now = keyspace.now_ms();
    let when = integer(a.at(2))?.checked_add(now).ok_or_else(|| Refusal::expire_time("pexpire"))?;
    let Some(entry) = keyspace.entry(a.at(1)) else {
        return Ok(Reply::Int(0));
    };
    if when <= now {
        keyspace.remove(a.at(1));
    } else {
        entry.expires_at = Some(when);
        keyspace.dirty = true;
    }
    Ok(Reply::Int(1))
}

pub fn ttl(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let now = keyspace.now_ms();
    let left = keyspace.entry(a.at(1)).map(|entry| entry.expires_at.map(|at| at - now));
    Ok(Reply::Int(match left {
        None => -2,
        Some(None) => -1,
        Some(Some(ms)) if a.name() == "pttl" => ms,
        Some(Some(ms)) => (ms + 500) / 1000,
    }))
}

/// The whole keyspace in one page, which SCAN's contract allows.
pub fn scan(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let cursor = std::str::from_utf8(a.at(1)).ok().and_then(|text| text.parse::<u64>().ok());
    let cursor = cursor.ok_or(Refusal::from("ERR invalid cursor"))?;
    let mut pattern: &[u8] = b"*";
    for at in (2..a.len()).step_by(2) {
        match (a.upper(at).as_str(), a.len() > at + 1) {
            ("MATCH", true) => pattern = a.at(at + 1),
            ("COUNT", true) if integer(a.at(at + 1))? >= 1 => {}
            _ => return Err(Refusal::syntax()),
        }
    }
    let found = if cursor == 0 { matching(keyspace, pattern)? } else { Vec::new() };
    Ok(Reply::Array(vec![Reply::bulk("0"), Reply::Array(found)]))
}

/// The keys that fit a pattern of `*` and `?`. Redis' other signs are refused, so that none is taken for a letter.
fn matching(keyspace: &mut Keyspace, pattern: &[u8]) -> Result<Vec<Reply>, Refusal> {
    if pattern.iter().any(|sign| matches!(sign, b'[' | b'\\')) {
        return Err("ERR the embedded store knows only * and ? in patterns".into());
    }
    let found = keyspace.living().filter(|(key, _)| fits(pattern, key));
    Ok(found.map(|(key, _)| Reply::bulk(key.clone())).collect())
}

fn fits(pattern: &[u8], key: &[u8]) -> bool {
    match (pattern, key) {
        ([], key) => key.is_empty(),
        ([b'*'], _) => true,
        ([b'*', rest @ ..], key) => (0..=key.len()).any(|at| fits(rest, key.get(at..).unwrap_or_default())),
        ([sign, rest @ ..], [c, key @ ..]) => (*sign == b'?' || sign == c) && fits(rest, key),
        (_, []) => false,
    }
}

pub fn time(keyspace: &mut Keyspace, _: &Arguments<'_>) -> Outcome {
    let now = keyspace.now_us();
    Ok(Reply::Array(vec![Reply::bulk((now / 1_000_000).to_string()), Reply::bulk((now % 1_000_000).to_string())]))
}

pub fn ping(_: &mut Keyspace, _: &Arguments<'_>) -> Outcome {
    Ok(Reply::Status("PONG".to_owned()))
}
