//! The model: which ones the key has, and whether each that is configured answers. An answer of one token costs next to nothing.

use serde_json::{Value, json};

use super::call::{Call, Reply, host_of};
use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;
use super::models::{self, Model};

/// Where its API is.
const ADDRESS: &str = "SAMBANOVA_API_BASE";

/// What opens it.
const KEY: &str = "SAMBANOVA_API_KEY";

/// The models that are asked, with their prices.
pub fn configured(given: &Given) -> Vec<Model> {
    models::parse(given.get("SAMBANOVA_MODELS"), given.get("SAMBANOVA_MODEL"))
}

/// Asks for the list, then each model.
pub fn check(given: &Given, clocks: &mut Clocks) -> Vec<Result<String, Fault>> {
    if given.get(KEY).is_empty() {
        return vec![Err(Fault::Missing { name: KEY.to_owned() })];
    }
    let listed = match list(given, clocks) {
        Ok(listed) => listed,
        Err(fault) => return vec![Err(fault)],
    };
    let mut found = vec![Ok(format!("model: the key has {}", listed.join(", ")))];
    for model in configured(given) {
        let one = ask(given, &model, &listed, clocks);
        // What is wrong with the account is wrong with each model.
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn list(given: &Given, clocks: &mut Clocks) -> Result<Vec<String>, Fault> {
    let reply = send(given, "GET", "/models", None, clocks)?;
    if reply.status != 200 {
        return Err(refused(given, &reply, "", &[]));
    }
    let json = reply.json();
    let models = json.get("data").and_then(Value::as_array).into_iter().flatten();
    Ok(models.filter_map(|model| Some(model.get("id")?.as_str()?.to_owned())).collect())
}

fn ask(given: &Given, model: &Model, listed: &[String], clocks: &mut Clocks) -> Result<String, Fault> {
    let question = format!("The doctor asks {}: are you there? One word.", model.id);
    let body = json!({
        "model": model.id,
        "messages": [{ "role": "user", "content": question }],
        "max_tokens": 1,
    });
    let reply = send(given, "POST", "/chat/completions", Some(body), clocks)?;
    let is_busy = reply.status == 503 || reply.status == 429 && code(&reply) != "insufficient_quota";
    match reply.status {
        200 => Ok(format!("model: {} answers in {} ms", model.id, reply.took.as_millis())),
        _ if is_busy => Ok(format!("model: {} is busy just now ({})", model.id, reply.status)),
        _ => Err(refused(given, &reply, &model.id, listed)),
    }
}

fn refused(given: &Given, reply: &Reply, model: &str, listed: &[String]) -> Fault {
    let json = reply.json();
    let words = json.get("error").and_then(|error| error.get("message")).and_then(Value::as_str).unwrap_or_default();
    let retired = || Fault::RetiredModel {
        model: model.to_owned(),
        others: if listed.is_empty() { "none".to_owned() } else { listed.join(", ") },
    };
    match (reply.status, code(reply).as_str()) {
        (401 | 403, _) => Fault::WrongKey,
        (402, _) => Fault::NoPayment,
        (429, "insufficient_quota") => Fault::NoModelQuota { model: model.to_owned() },
        (410, _) | (_, "model_not_found" | "model_deprecated") => retired(),
        (404, _) if !model.is_empty() => retired(),
        (status, _) => Fault::Unexpected {
            name: ADDRESS.to_owned(),
            host: host_of(given.get(ADDRESS)).unwrap_or_default(),
            status,
            words: given.shown(words),
        },
    }
}

fn code(reply: &Reply) -> String {
    let json = reply.json();
    json.get("error").and_then(|error| error.get("code")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn send(given: &Given, method: &str, path: &str, body: Option<Value>, clocks: &mut Clocks) -> Result<Reply, Fault> {
    let bearer = format!("Bearer {}", given.get(KEY));
    let url = format!("{}{path}", given.get(ADDRESS).trim_end_matches('/'));
    let body = body.map(|body| body.to_string());
    let reply = Call { method, url: &url, headers: &[("authorization", &bearer)], body, name: ADDRESS }.send()?;
    clocks.vendor(&reply);
    Ok(reply)
}
