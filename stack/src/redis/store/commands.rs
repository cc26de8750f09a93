//! The table of commands: name, number of arguments, function.

use super::keyspace::Keyspace;
use super::{Refusal, hashes, keys, sets, strings, zsets};
use crate::redis::Reply;

/// What a command comes to.
pub type Outcome = Result<Reply, Refusal>;

/// A command with its arguments; the name is argument 0.
pub struct Arguments<'a>(pub &'a [Vec<u8>]);

impl<'a> Arguments<'a> {
    /// Name and arguments together.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Argument `index`; the table has checked that there are enough.
    pub fn at(&self, index: usize) -> &'a [u8] {
        self.0.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    /// Argument `index` as an option word.
    pub fn upper(&self, index: usize) -> String {
        String::from_utf8_lossy(self.at(index)).to_ascii_uppercase()
    }

    /// The command's name in lower case.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.at(0)).to_ascii_lowercase()
    }

    /// All arguments from `index` on.
    pub fn from(&self, index: usize) -> &'a [Vec<u8>] {
        self.0.get(index..).unwrap_or_default()
    }
}

/// A command that the store knows.
pub struct CommandEntry {
    name: &'static str,
    /// As Redis counts: the name included, negative for "at least".
    arity: i32,
    run: fn(&mut Keyspace, &Arguments<'_>) -> Outcome,
}

macro_rules! table {
    ($($name:literal $arity:literal $run:path,)*) => {
        &[$(CommandEntry { name: $name, arity: $arity, run: $run },)*]
    };
}

const TABLE: &[CommandEntry] = table![
    "decr" 2 strings::incr,
    "del" -2 keys::del,
    "exists" -2 keys::exists,
    "get" 2 strings::get,
    "getex" -2 strings::get_ex,
    "getrange" 4 strings::get_range,
    "hdel" -3 hashes::hdel,
    "hget" 3 hashes::hget,
    "hgetall" 2 hashes::hgetall,
    "hincrby" 4 hashes::hincrby,
    "hmget" -3 hashes::hmget,
    "hset" -4 hashes::hset,
    "incr" 2 strings::incr,
    "incrby" 3 strings::incr,
    "mget" -2 strings::mget,
    "pexpire" 3 keys::pexpire,
    "ping" 1 keys::ping,
    "pttl" 2 keys::ttl,
    "sadd" -3 sets::sadd,
    "scan" -2 keys::scan,
    "set" -3 strings::set,
    "setrange" 4 strings::set_range,
    "sismember" 3 sets::sismember,
    "strlen" 2 strings::strlen,
    "time" 1 keys::time,
    "ttl" 2 keys::ttl,
    "zadd" -4 zsets::zadd,
    "zcard" 2 zsets::zcard,
    "zrange" -4 zsets::zrange,
    "zrem" -3 zsets::zrem,
    "zremrangebyscore" 4 zsets::zremrangebyscore,
];

/// The commands that [`super::thread`] answers itself, because they are about scripts.
pub const SCRIPT_COMMANDS: [(&str, i32); 3] = [("eval", -3), ("evalsha", -3), ("script", -2)];

/// Looks a command up and counts its arguments, without running it.
pub fn find(command: &[Vec<u8>]) -> Result<&'static CommandEntry, Refusal> {
    let name = Arguments(command).name();
    let entry = TABLE.binary_search_by_key(&name.as_str(), |entry| entry.name);
    let entry = entry.ok().and_then(|at| TABLE.get(at)).ok_or_else(|| unknown(command))?;
    check_arity(&name, entry.arity, command.len())?;
    Ok(entry)
}

/// The keys that a command names.
pub fn keys_of(command: &[Vec<u8>]) -> &[Vec<u8>] {
    let keys = match Arguments(command).name().as_str() {
        "ping" | "scan" | "time" => 1..1,
        "del" | "exists" | "mget" => 1..command.len(),
        _ => 1..2,
    };
    command.get(keys).unwrap_or_default()
}

/// Whether `count` words, the name included, are a right number.
pub fn check_arity(name: &str, arity: i32, count: usize) -> Result<(), Refusal> {
    let needed = arity.unsigned_abs() as usize;
    if count == needed || (arity < 0 && count > needed) { Ok(()) } else { Err(Refusal::arity(name)) }
}

/// Redis' words for a command it does not know.
fn unknown(command: &[Vec<u8>]) -> Refusal {
    let name = String::from_utf8_lossy(Arguments(command).at(0)).chars().take(128).collect::<String>();
    let mut shown = String::new();
    for argument in command.iter().skip(1) {
        let room = 128_usize.saturating_sub(shown.len());
        if room == 0 {
            break;
        }
        let cut = argument.get(..argument.len().min(room)).unwrap_or_default();
        shown.push_str(&format!("'{}' ", String::from_utf8_lossy(cut)));
    }
    Refusal(format!("ERR unknown command '{name}', with args beginning with: {shown}"))
}

impl CommandEntry {
    /// Runs the command that was found.
    pub fn run(&self, keyspace: &mut Keyspace, command: &[Vec<u8>]) -> Reply {
        (self.run)(keyspace, &Arguments(command)).unwrap_or_else(|Refusal(words)| Reply::Error(words))
    }
}
