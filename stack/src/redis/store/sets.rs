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

pub fn sismember(keyspace: &mut Keyspace, a: &Arguments<'_>) -> Outcome {
    Ok(Reply::Int(i64::from(keyspace.read::<Set>(a.at(1))?.is_some_and(|set| set.contains(a.at(2))))))
}
