//! Redis, asked over its REST face: whether the token is known, and whether it may write.

use serde_json::json;

use super::call::{Call, Reply, host_of};
use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;

/// Where it is.
const ADDRESS: &str = "UPSTASH_REDIS_REST_URL";

/// What opens it.
const TOKEN: &str = "UPSTASH_REDIS_REST_TOKEN";

/// A key of our own, gone within seconds.
const KEY: &str = "edgewise:doctor";

/// Writes a key that lives for ten seconds.
pub fn check(given: &Given, clocks: &mut Clocks) -> Result<String, Fault> {
    for name in [ADDRESS, TOKEN] {
        if given.get(name).is_empty() {
            return Err(Fault::Missing { name: name.to_owned() });
        }
    }
    let url = given.get(ADDRESS);
    let bearer = format!("Bearer {}", given.get(TOKEN));
    let call = Call {
        method: "POST",
        url,
        headers: &[("authorization", &bearer)],
        body: Some(json!(["SET", KEY, "1", "EX", 10]).to_string()),
        name: ADDRESS,
    };
    let reply = call.send()?;
    clocks.vendor(&reply);
    let host = host_of(url).unwrap_or_default();
    match reply.json().get("result").and_then(|result| result.as_str()) {
        Some("OK") => Ok(format!("Redis: writes by {host} in {} ms", reply.took.as_millis())),
        _ => Err(refused(given, host, &reply)),
    }
}

fn refused(given: &Given, host: String, reply: &Reply) -> Fault {
    let error = reply.json();
    let words = error.get("error").and_then(|error| error.as_str()).unwrap_or_default();
    match reply.status {
        _ if words.starts_with("NOPERM") => Fault::ReadOnlyToken,
        401 => Fault::WrongToken,
        _ if words.starts_with("WRONGPASS") => Fault::WrongToken,
        _ if words.contains("requests limit exceeded") || words.contains("request limit exceeded") => {
            Fault::NoCommandsLeft
        }
        status => {
            let words = if words.is_empty() { "and is no REST face of Redis" } else { words };
            Fault::Unexpected { name: ADDRESS.to_owned(), host, status, words: given.shown(words) }
        }
    }
}
