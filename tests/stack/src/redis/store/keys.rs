//! Commands on keys of any type, and on the store as a whole.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::glob;
use super::keyspace::Keyspace;
use super::number::integer;
use crate::redis::Reply;

pub fn del(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(a.from(1).iter().filter(|key| keyspace.remove(key).is_some()).count() as i64))
}

pub fn exists(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(a.from(1).iter().filter(|key| keyspace.entry(key).is_some()).count() as i64))
}

pub fn type_of(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Status(keyspace.entry(a.at(1)).map_or("none", |entry| entry.value.type_name()).to_owned()))
}

pub fn expire(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (mut nx, mut xx, mut gt, mut lt) = (false, false, false, false);
    for at in 3..a.len() {
        match a.upper(at).as_str() {
            "NX" => nx = true,
            "XX" => xx = true,
            "GT" => gt = true,
            "LT" => lt = true,
            _ => return Err(Refusal(format!("ERR Unsupported option {}", String::from_utf8_lossy(a.at(at))))),
        }
    }
    if nx && (xx || gt || lt) {
        return Err("ERR NX and XX, GT or LT options at the same time are not compatible".into());
    }
    if gt && lt {
        return Err("ERR GT and LT options at the same time are not compatible".into());
    }
    let name = a.name();
    let number = integer(a.at(2))?;
    let invalid = || Refusal(format!("ERR invalid expire time in '{name}' command"));
    let ms = if name.starts_with('p') { Some(number) } else { number.checked_mul(1000) };
    let when = if name.ends_with("at") { ms } else { ms.and_then(|ms| ms.checked_add(keyspace.now_ms())) };
    let when = when.ok_or_else(invalid)?;
    let now = keyspace.now_ms();
    let Some(entry) = keyspace.entry(a.at(1)) else {
        return Ok(Reply::Int(0));
    };
    let refused = match entry.expires_at {
        // A key without a time of death lives longer than any with one.
        None => xx || gt,
        Some(at) => nx || (gt && when <= at) || (lt && when >= at),
    };
    if refused {
        return Ok(Reply::Int(0));
    }
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

pub fn persist(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let had = keyspace.entry(a.at(1)).and_then(|entry| entry.expires_at.take()).is_some();
    keyspace.dirty |= had;
    Ok(Reply::Int(i64::from(had)))
}

pub fn db_size(keyspace: &mut Keyspace, _: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(keyspace.living().count() as i64))
}

pub fn flush(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    if a.len() > 2 || (a.len() == 2 && !matches!(a.upper(1).as_str(), "SYNC" | "ASYNC")) {
        return Err(Refusal::syntax());
    }
    keyspace.clear();
    Ok(Reply::ok())
}

pub fn keys(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let found = keyspace.living().filter(|(key, _)| glob::matches(a.at(1), key));
    Ok(Reply::Array(found.map(|(key, _)| Reply::bulk(key.clone())).collect()))
}

/// The whole keyspace in one page, which SCAN's contract allows.
pub fn scan(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let cursor = std::str::from_utf8(a.at(1)).ok().and_then(|text| text.parse::<u64>().ok());
    let cursor = cursor.ok_or(Refusal::from("ERR invalid cursor"))?;
    let (mut pattern, mut kind) = (None, None);
    let mut at = 2;
    while at < a.len() {
        match (a.upper(at).as_str(), a.len() > at + 1) {
            ("MATCH", true) => pattern = Some(a.at(at + 1)),
            ("TYPE", true) => kind = Some(a.upper(at + 1).to_lowercase()),
            ("COUNT", true) => {
                if integer(a.at(at + 1))? < 1 {
                    return Err(Refusal::syntax());
                }
            }
            _ => return Err(Refusal::syntax()),
        }
        at += 2;
    }
    let fits = |key: &[u8], type_name: &str| {
        pattern.is_none_or(|pattern| glob::matches(pattern, key)) && kind.as_ref().is_none_or(|kind| kind == type_name)
    };
    let found = keyspace.living().filter(|(key, entry)| cursor == 0 && fits(key, entry.value.type_name()));
    let found = found.map(|(key, _)| Reply::bulk(key.clone())).collect();
    Ok(Reply::Array(vec![Reply::bulk("0"), Reply::Array(found)]))
}

pub fn time(keyspace: &mut Keyspace, _: &Arguments<'_>) -> Outcome {
    let now = keyspace.now_us();
    Ok(Reply::Array(vec![Reply::bulk((now / 1_000_000).to_string()), Reply::bulk((now % 1_000_000).to_string())]))
}

pub fn ping(_: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    match a.len() {
        1 => Ok(Reply::Status("PONG".to_owned())),
        2 => Ok(Reply::bulk(a.at(1))),
        _ => Err(Refusal::arity("ping")),
    }
}

pub fn echo(_: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::bulk(a.at(1)))
}
