//! Commands on sets.

use super::commands::{Arguments, Outcome};
use super::keyspace::Keyspace;
use crate::redis::Reply;
use std::collections::BTreeSet;

type Set = BTreeSet<Vec<u8>>;

pub fn sadd(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    keyspace.change(a.at(1), |set: &mut Set| {
        Ok(Reply::Int(a.from(2).iter().filter(|member| set.insert((*member).clone())).count() as i64))
    })
}

pub fn srem(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    keyspace.change(a.at(1), |set: &mut Set| {
        Ok(Reply::Int(a.from(2).iter().filter(|member| set.remove(*member)).count() as i64))
    })
}

pub fn sismember(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(i64::from(keyspace.read::<Set>(a.at(1))?.is_some_and(|set| set.contains(a.at(2))))))
}

pub fn smembers(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    let members = keyspace.read::<Set>(a.at(1))?.cloned().unwrap_or_default();
    Ok(Reply::Array(members.into_iter().map(Reply::Bulk).collect()))
}

pub fn scard(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(keyspace.read::<Set>(a.at(1))?.map_or(0, BTreeSet::len) as i64))
}
