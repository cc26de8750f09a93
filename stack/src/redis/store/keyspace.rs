//! Keys with their values and times of death, and the clock they live by.

use super::Refusal;
use super::zsets::SortedSet;
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

/// A value of one of Redis' types.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Bytes.
    Text(Vec<u8>),
    /// Fields in the order of their first setting, as in Redis' small hashes.
    Hash(IndexMap<Vec<u8>, Vec<u8>>),
    /// Members.
    Set(BTreeSet<Vec<u8>>),
    /// Members with scores.
    Sorted(SortedSet),
}

impl Value {
    /// Redis removes a key whose collection has become empty.
    fn is_empty_collection(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Hash(fields) => fields.is_empty(),
            Self::Set(members) => members.is_empty(),
            Self::Sorted(members) => members.len() == 0,
        }
    }
}

/// A type that a key can hold, for [`Keyspace::read`] and [`Keyspace::change`].
pub trait Kind: Default + Sized {
    /// The value's inside, if it is of this type.
    fn of(value: &Value) -> Option<&Self>;
    /// The same, to be changed.
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
    /// A value of this type.
    fn wrap(self) -> Value;
}

macro_rules! kind {
    ($type:ty, $variant:ident) => {
        impl Kind for $type {
            fn of(value: &Value) -> Option<&Self> {
                if let Value::$variant(inside) = value { Some(inside) } else { None }
            }
            fn of_mut(value: &mut Value) -> Option<&mut Self> {
                if let Value::$variant(inside) = value { Some(inside) } else { None }
            }
            fn wrap(self) -> Value {
                Value::$variant(self)
            }
        }
    };
}
kind!(Vec<u8>, Text);
kind!(IndexMap<Vec<u8>, Vec<u8>>, Hash);
kind!(BTreeSet<Vec<u8>>, Set);
kind!(SortedSet, Sorted);

/// A key's value and when it dies, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub value: Value,
    pub expires_at: Option<i64>,
}

/// All keys.
#[derive(Default)]
pub struct Keyspace {
    entries: HashMap<Vec<u8>, Entry>,
    /// Added to the machine's clock.
    offset_ms: i64,
    /// The clock stands still during a command, and during a whole script.
    now_us: i64,
    /// Something has changed since the last snapshot.
    pub dirty: bool,
}

impl Keyspace {
    /// Reads the clock, for the command or script that follows.
    pub fn tick(&mut self) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        self.now_us = machine.saturating_add(self.offset_ms.saturating_mul(1000));
    }

    /// Moves the clock.
    pub fn set_offset(&mut self, offset_ms: i64) {
        self.offset_ms = offset_ms;
        self.dirty = true;
        self.tick();
    }

    /// Microseconds since 1970.
    pub fn now_us(&self) -> i64 {
        self.now_us
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.now_us / 1000
    }

    /// The living entry at `key`; a dead one is removed.
    pub fn entry(&mut self, key: &[u8]) -> Option<&mut Entry> {
        let now = self.now_ms();
        if self.entries.get(key)?.expires_at.is_some_and(|at| at <= now) {
            self.entries.remove(key);
            self.dirty = true;
            return None;
        }
        self.entries.get_mut(key)
    }

    /// The value at `key`, which must be of the asked type; `None` without a key.
    pub fn read<T: Kind>(&mut self, key: &[u8]) -> Result<Option<&T>, Refusal> {
        match self.entry(key) {
            None => Ok(None),
            Some(entry) => T::of(&entry.value).map(Some).ok_or_else(Refusal::wrong_type),
        }
    }

    /// Changes the value at `key`, an empty one if there is none yet. A collection that ends up empty is removed.
    pub fn change<T: Kind, R>(
        &mut self,
        key: &[u8],
        change: impl FnOnce(&mut T) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let mut entry = match self.entry(key) {
            Some(_) => self.entries.remove(key),
            None => None,
        }
        .unwrap_or_else(|| Entry { value: T::default().wrap(), expires_at: None });
        let result = match T::of_mut(&mut entry.value) {
            Some(inside) => change(inside),
            None => Err(Refusal::wrong_type()),
        };
        let is_new_and_refused = result.is_err() && entry.value == T::default().wrap() && entry.expires_at.is_none();
        if !entry.value.is_empty_collection() && !is_new_and_refused {
            self.entries.insert(key.to_vec(), entry);
        }
        self.dirty = true;
        result
    }

    /// Puts a value, replacing whatever is there.
    pub fn put(&mut self, key: &[u8], value: Value, expires_at: Option<i64>) {
        self.entries.insert(key.to_vec(), Entry { value, expires_at });
        self.dirty = true;
    }

    /// Removes a key; whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> Option<Entry> {
        self.entry(key)?;
        self.dirty = true;
        self.entries.remove(key)
    }

    /// The living keys and entries, dead ones removed.
    pub fn living(&mut self) -> impl Iterator<Item = (&Vec<u8>, &Entry)> {
        let now = self.now_ms();
        self.entries.retain(|_, entry| entry.expires_at.is_none_or(|at| at > now));
        self.entries.iter()
    }
}
