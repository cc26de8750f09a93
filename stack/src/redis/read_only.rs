//! Upstash' "Readonly Token": what it may run, and the words of its refusals.

/// The embedded store's commands that change nothing, and what everybody may ask. Scripts may write, so they are not among them.
const READING: [&str; 19] = [
    "DBSIZE", "ECHO", "EXISTS", "GET", "HGET", "HGETALL", "HLEN", "HMGET", "KEYS", "MGET", "PING", "PTTL", "SCAN",
    "STRLEN", "TIME", "TTL", "TYPE", "ZCARD", "ZRANGE",
];

/// The words for a command that the token may not run, as Upstash' users report them (ratelimit-js #18): HTTP 400.
pub fn refusal(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let is_allowed = READING.iter().any(|reading| reading.eq_ignore_ascii_case(&name));
    (!is_allowed).then(|| format!("NOPERM this user has no permissions to run the '{name}' command or its subcommand"))
}
