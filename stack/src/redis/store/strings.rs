//! Commands on strings.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::keyspace::{Keyspace, Value};
use super::number::integer;
use crate::redis::Reply;

fn text(keyspace: &mut Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(keyspace.read::<Vec<u8>>(key)?.cloned())
}

fn bulk(value: Option<Vec<u8>>) -> Reply {
    value.map_or(Reply::Nil, Reply::Bulk)
}

pub fn get(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(bulk(text(keyspace, a.at(1))?))
}

pub fn strlen(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(text(keyspace, a.at(1))?.map_or(0, |value| value.len() as i64)))
}

/// A part by its first and last byte; negative ones count from the end.
pub fn get_range(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (start, end) = (integer(a.at(2))?, integer(a.at(3))?);
    let value = text(keyspace, a.at(1))?.unwrap_or_default();
    let length = value.len() as i64;
    if start < 0 && end < 0 && start > end {
        return Ok(Reply::Bulk(Vec::new()));
    }
    let place = |index: i64| if index < 0 { length.saturating_add(index).max(0) } else { index };
    let (start, end) = (place(start), place(end).min(length - 1));
    let part = if start > end || length == 0 { None } else { value.get(start as usize..=end as usize) };
    Ok(Reply::Bulk(part.unwrap_or_default().to_vec()))
}

/// Redis' `proto-max-bulk-len`, the longest string.
const LONGEST: i64 = 512 * 1024 * 1024;

/// Overwrites from a byte on; what is missing before it becomes zero bytes.
pub fn set_range(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (offset, new) = (integer(a.at(2))?, a.at(3));
    let start = usize::try_from(offset).map_err(|_| Refusal::from("ERR offset is out of range"))?;
    let length = text(keyspace, a.at(1))?.map_or(0, |value| value.len() as i64);
    if new.is_empty() {
        return Ok(Reply::Int(length));
    }
    if offset.checked_add(new.len() as i64).is_none_or(|end| end > LONGEST) {
        return Err("ERR string exceeds maximum allowed size (proto-max-bulk-len)".into());
    }
    keyspace.change(a.at(1), |value: &mut Vec<u8>| {
        let end = start + new.len();
        value.resize(value.len().max(end), 0);
        value.splice(start..end, new.iter().copied());
        Ok(Reply::Int(value.len() as i64))
    })
}

/// Milliseconds since 1970 from the argument of an option of `SET` or `GETEX`. Redis refuses what is not in the future of 1970.
fn deadline(keyspace: &Keyspace, command: &str, option: &str, argument: &[u8]) -> Result<i64, Refusal> {
    let number = Some(integer(argument)?).filter(|number| *number > 0);
    let ms = if option.starts_with('P') { number } else { number.and_then(|seconds| seconds.checked_mul(1000)) };
    let at = if option.ends_with("AT") { ms } else { ms.and_then(|ms| ms.checked_add(keyspace.now_ms())) };
    at.ok_or_else(|| Refusal::expire_time(command))
}

pub fn set(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let (mut nx, mut xx, mut get, mut keep, mut expiry) = (false, false, false, false, None);
    let mut at = 3;
    while at < a.len() {
        match (a.upper(at).as_str(), a.len() > at + 1) {
            ("NX", _) if !xx => nx = true,
            ("XX", _) if !nx => xx = true,
            ("GET", _) => get = true,
            ("KEEPTTL", _) if expiry.is_none() => keep = true,
            (option @ ("EX" | "PX" | "EXAT" | "PXAT"), true) if expiry.is_none() && !keep => {
                expiry = Some((option.to_owned(), a.at(at + 1)));
                at += 1;
            }
            _ => return Err(Refusal::syntax()),
        }
        at += 1;
    }
    let expires_at = match expiry {
        Some((option, argument)) => Some(deadline(keyspace, "set", &option, argument)?),
        None if keep => keyspace.entry(a.at(1)).and_then(|entry| entry.expires_at),
        None => None,
    };
    let before = if get { text(keyspace, a.at(1))? } else { None };
    let exists = keyspace.entry(a.at(1)).is_some();
    let refused = (nx && exists) || (xx && !exists);
    if !refused {
        keyspace.put(a.at(1), Value::Text(a.at(2).to_vec()), expires_at);
    }
    Ok(match (get, refused) {
        (true, _) => bulk(before),
        (false, true) => Reply::Nil,
        (false, false) => Reply::ok(),
    })
}

/// Reads, and sets or takes away the time of death.
pub fn get_ex(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let option = a.upper(2);
    match (option.as_str(), a.len()) {
        (_, 2) | ("PERSIST", 3) | ("EX" | "PX" | "EXAT" | "PXAT", 4) => {}
        _ => return Err(Refusal::syntax()),
    }
    let Some(value) = text(keyspace, a.at(1))? else {
        return Ok(Reply::Nil);
    };
    match a.len() {
        3 => keyspace.put(a.at(1), Value::Text(value.clone()), None),
        4 => {
            let at = deadline(keyspace, "getex", &option, a.at(3))?;
            keyspace.put(a.at(1), Value::Text(value.clone()), Some(at));
        }
        _ => {}
    }
    Ok(Reply::Bulk(value))
}

pub fn mget(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Array(a.from(1).iter().map(|key| bulk(text(keyspace, key).ok().flatten())).collect()))
}

pub fn incr(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let by = match a.name().as_str() {
        "incr" => 1,
        "decr" => -1,
        _ => integer(a.at(2))?,
    };
    let before = match text(keyspace, a.at(1))? {
        Some(value) => integer(&value)?,
        None => 0,
    };
    let after = before.checked_add(by).ok_or(Refusal::from("ERR increment or decrement would overflow"))?;
    keyspace.change(a.at(1), |value: &mut Vec<u8>| {
        *value = after.to_string().into_bytes();
        Ok(Reply::Int(after))
    })
}
