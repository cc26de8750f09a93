//! One message through a deployed address, and what it cost.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::call::{Call, Reply, host_of, is_here};
use super::fault::Fault;
use super::given::Given;
use super::model::configured;

/// What is said. Short, because it is paid.
const WORDS: &str = "Hello!";

/// What an answer leaves to be done in the background is done by then, on this machine.
const SETTLED_WITHIN: Duration = Duration::from_secs(3);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Comes in as a guest; its token.
pub fn guest(base: &str) -> Result<(String, Reply), Fault> {
    let reply = send(base, "POST", "/api/v1/auth/guest", "", Some(json!({})))?;
    let token = reply.json().get("token").and_then(Value::as_str).unwrap_or_default().to_owned();
    match reply.status {
        201 => Ok((token, reply)),
        404 if code(&reply) == "not_found" => Err(Fault::ChatIsOff),
        _ => Err(refused("/api/v1/auth/guest", &reply)),
    }
}

/// Sends a message as this guest; what it cost, in words.
pub fn send_one(base: &str, token: &str, given: &Given) -> Result<String, Fault> {
    let log = CallLog::of(given);
    let path = "/api/v1/chat/messages";
    let reply = send(base, "POST", path, token, Some(json!({ "content": WORDS, "stream": false })))?;
    if reply.status != 200 {
        return Err(refused(path, &reply));
    }
    let answer = reply.json();
    let number = |name: &str| answer.get("usage").and_then(|usage| usage.get(name)).and_then(Value::as_u64);
    let model = answer.get("message").and_then(|message| message.get("model")).and_then(Value::as_str).unwrap_or("?");
    let (prompt, completion) = (number("prompt_tokens").unwrap_or(0), number("completion_tokens").unwrap_or(0));
    let price = configured(given).ok().and_then(|models| models.own_price_of(model));
    let money = price.map_or("at no known price".to_owned(), |price| {
        format!("${:.6} by SAMBANOVA_MODELS", price.cost(prompt, completion) as f64 / 1e6)
    });
    let commands =
        log.and_then(|log| log.settled()).map(|count| format!(", {count} Redis commands")).unwrap_or_default();
    Ok(format!(
        "message: answered by {model} in {:.1} s; {prompt} tokens in, {completion} out: {money}{commands}",
        reply.took.as_secs_f32()
    ))
}

/// A call of the API. `token` may be empty.
pub fn send(base: &str, method: &str, path: &str, token: &str, body: Option<Value>) -> Result<Reply, Fault> {
    let url = format!("{}{path}", base.trim_end_matches('/'));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let headers = if token.is_empty() { &[] } else { headers.as_slice() };
    Call { method, url: &url, headers, body: body.map(|body| body.to_string()), name: "the address" }.send()
}

/// An error of the API as a fault.
pub fn refused(path: &str, reply: &Reply) -> Fault {
    let path = path.to_owned();
    match code(reply).as_str() {
        "misconfigured" => Fault::Misconfigured { path },
        "storage_unavailable" => Fault::StoreDown { path },
        "" => Fault::Refused { path, code: reply.status.to_string() },
        code => Fault::Refused { path, code: code.chars().filter(|char| char.is_ascii_graphic()).take(40).collect() },
    }
}

fn code(reply: &Reply) -> String {
    let json = reply.json();
    json.get("error").and_then(|error| error.get("code")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The local stack's log of what Redis is asked, where it keeps one.
struct CallLog {
    url: String,
}

impl CallLog {
    fn of(given: &Given) -> Option<Self> {
        let base = given.get("UPSTASH_REDIS_REST_URL").strip_suffix("/redis")?;
        is_here(&host_of(base)?).then_some(())?;
        let log = Self { url: format!("{base}/control/calls?face=redis") };
        let last = log.read()?.get("last")?.as_u64()?;
        Some(Self { url: format!("{}&since={last}", log.url) })
    }

    fn read(&self) -> Option<Value> {
        let call = Call { method: "GET", url: &self.url, headers: &[], body: None, name: "the local stack" };
        Some(call.send().ok().filter(|reply| reply.status == 200)?.json())
    }

    /// The commands since then, once no more come. A real Redis does not tell what a script has called: then nobody knows.
    fn settled(&self) -> Option<u64> {
        let started = Instant::now();
        let mut before = usize::MAX;
        loop {
            let read = self.read()?;
            let calls = read.get("calls")?.as_array()?;
            if calls.len() == before || SETTLED_WITHIN < started.elapsed() {
                return calls.iter().map(|call| call.get("commands")?.as_u64()).sum();
            }
            before = calls.len();
            thread::sleep(LOOK_EVERY);
        }
    }
}
