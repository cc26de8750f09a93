//! Commands on hashes.

use super::Refusal;
use super::commands::{Arguments, Outcome};
use super::keyspace::Keyspace;
use super::number::integer;
use crate::redis::Reply;
use indexmap::IndexMap;

type Hash = IndexMap<Vec<u8>, Vec<u8>>;

pub fn hset(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    if a.len() % 2 == 1 {
        return Err(Refusal::arity("hset"));
    }
    keyspace.change(a.at(1), |hash: &mut Hash| {
        let mut added = 0;
        for pair in a.from(2).chunks_exact(2) {
            if let [field, value] = pair {
                added += i64::from(hash.insert(field.clone(), value.clone()).is_none());
            }
        }
        Ok(Reply::Int(added))
    })
}

pub fn hget(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let value = keyspace.read::<Hash>(a.at(1))?.and_then(|hash| hash.get(a.at(2)));
    Ok(value.map_or(Reply::Nil, |value| Reply::bulk(value.clone())))
}

pub fn hmget(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let hash = keyspace.read::<Hash>(a.at(1))?;
    let value = |field: &Vec<u8>| hash.and_then(|hash| hash.get(field)).map_or(Reply::Nil, |v| Reply::bulk(v.clone()));
    Ok(Reply::Array(a.from(2).iter().map(value).collect()))
}

pub fn hgetall(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let hash = keyspace.read::<Hash>(a.at(1))?.cloned().unwrap_or_default();
    Ok(Reply::Array(hash.into_iter().flat_map(|(name, value)| [Reply::Bulk(name), Reply::Bulk(value)]).collect()))
}

pub fn hdel(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    keyspace.change(a.at(1), |hash: &mut Hash| {
        Ok(Reply::Int(a.from(2).iter().filter(|field| hash.shift_remove(*field).is_some()).count() as i64))
    })
}

pub fn hincrby(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let by = integer(a.at(3))?;
    keyspace.change(a.at(1), |hash: &mut Hash| {
        let before = match hash.get(a.at(2)) {
            Some(value) => integer(value).map_err(|_| Refusal::from("ERR hash value is not an integer"))?,
            None => 0,
        };
        let after = before.checked_add(by).ok_or(Refusal::from("ERR increment or decrement would overflow"))?;
        hash.insert(a.at(2).to_vec(), after.to_string().into_bytes());
        Ok(Reply::Int(after))
    })
}
