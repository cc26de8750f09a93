//! Upstash' own script flag, made palatable to Redis.
//!
//! Scripts of `@upstash/ratelimit` begin with `#!lua flags=allow-key-locking`, which only Upstash knows; Redis refuses it. With it Upstash
//! locks no more than the script's KEYS, and refuses other keys (its documentation, "Key-Based Locking", read in 2026-11). Before a Redis
//! the flag is taken out here, and the script goes by both digests: its own, and the one Redis gives it. The embedded store reads the flag
//! itself, and refuses other keys, too.

use super::reply::Reply;
use super::request::Command;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

const UPSTASH_FLAG: &str = "allow-key-locking";
/// Scripts are part of a program; a client that makes up new ones all the time loses the oldest names, and sends the script again.
const MOST: usize = 10_000;

/// Digests that clients use, and what Redis calls those scripts.
#[derive(Default)]
pub struct Shebangs {
    known: Mutex<HashMap<String, String>>,
}

/// What a reply must be changed into on its way back.
pub type Correction = Option<String>;

impl Shebangs {
    /// Rewrites a command where needed. For `SCRIPT LOAD` the second value is the digest that the client expects.
    pub fn rewrite(&self, command: &mut Command) -> Correction {
        let word = |at: usize| command.get(at).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
        match (word(0).as_slice(), word(1).as_slice()) {
            (b"eval", _) => {
                self.replace_script(command.get_mut(1)?);
                None
            }
            (b"script", b"load") => self.replace_script(command.get_mut(2)?),
            (b"evalsha", _) => {
                self.replace_digest(command.get_mut(1)?);
                None
            }
            (b"script", b"exists") => {
                command.iter_mut().skip(2).for_each(|digest| self.replace_digest(digest));
                None
            }
            _ => None,
        }
    }

    fn replace_script(&self, script: &mut Vec<u8>) -> Correction {
        let plain = without_flag(script)?;
        let digests = (digest(script), digest(&plain));
        *script = plain;
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digests.0.clone(), digests.1);
        Some(digests.0)
    }

    fn replace_digest(&self, word: &mut Vec<u8>) {
        let digest = String::from_utf8_lossy(word).to_lowercase();
        if let Some(redis_digest) = self.lock().get(&digest) {
            *word = redis_digest.clone().into_bytes();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Applies a correction to the reply.
pub fn correct(reply: Reply, correction: Correction) -> Reply {
    match (reply, correction) {
        (Reply::Bulk(_), Some(digest)) => Reply::bulk(digest),
        (reply, _) => reply,
    }
}

fn digest(script: &[u8]) -> String {
    sha1_smol::Sha1::from(script).digest().to_string()
}

/// The script without the flag, if it has it.
pub fn without_flag(script: &[u8]) -> Option<Vec<u8>> {
    let end = script.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = script.split_at_checked(end)?;
    let line =
        std::str::from_utf8(line).ok().filter(|line| line.starts_with("#!lua") && line.contains(UPSTASH_FLAG))?;
    let words = line.split_whitespace().filter_map(|word| match word.strip_prefix("flags=") {
        None => Some(word.to_owned()),
        Some(flags) => {
            let kept: Vec<&str> = flags.split(',').filter(|flag| *flag != UPSTASH_FLAG).collect();
            (!kept.is_empty()).then(|| format!("flags={}", kept.join(",")))
        }
    });
    // A line that says nothing else goes; its end stays, so that lines keep their numbers.
    let line = words.collect::<Vec<_>>().join(" ");
    let mut plain = if line == "#!lua" { Vec::new() } else { line.into_bytes() };
    plain.extend_from_slice(rest);
    Some(plain)
}
