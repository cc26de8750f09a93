//! The model: which ones the key has, and whether each that is configured answers. An answer of one token costs next to nothing.

use domain::ModelList;
use serde_json::{Value, json};

use super::call::{Call, Reply, host_of};
use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;

/// Where its API is.
const ADDRESS: &str = "SAMBANOVA_API_BASE";

/// What opens it.
const KEY: &str = "SAMBANOVA_API_KEY";

/// The models, in order.
const MODELS: &str = "SAMBANOVA_MODELS";

/// The one that is asked before them, if any.
const LEADER: &str = "SAMBANOVA_MODEL";

/// The models that are asked, with their prices.
pub fn configured(given: &Given) -> Result<ModelList, Fault> {
    let malformed = |name: &str, rule: String| Fault::Malformed { name: name.to_owned(), rule };
    let list = match given.get(MODELS) {
        "" => ModelList::default(),
        list => ModelList::parse(list).map_err(|error| malformed(MODELS, error.to_string()))?,
    };
    match given.get(LEADER) {
        "" => Ok(list),
        leader => list.led_by(leader).map_err(|error| malformed(LEADER, error.to_string())),
    }
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
    let models = match configured(given) {
        Ok(models) => models,
        Err(fault) => {
            found.push(Err(fault));
            return found;
        }
    };
    for model in models.iter() {
        let one = ask(given, &model.id, &listed, clocks);
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

fn ask(given: &Given, model: &str, listed: &[String], clocks: &mut Clocks) -> Result<String, Fault> {
    let question = format!("The doctor asks {model}: are you there? One word.");
    let body = json!({
        "model": model,
        "messages": [{ "role": "user", "content": question }],
        "max_tokens": 1,
    });
    let reply = send(given, "POST", "/chat/completions", Some(body), clocks)?;
    let is_busy = reply.status == 503 || reply.status == 429 && code(&reply) != "insufficient_quota";
    match reply.status {
        200 => Ok(format!("model: {model} answers in {} ms", reply.took.as_millis())),
        _ if is_busy => Ok(format!("model: {model} is busy just now ({})", reply.status)),
        _ => Err(refused(given, &reply, model, listed)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::WorkerConfig;

    #[test]
    fn the_models_are_those_that_the_functions_would_ask() {
        let config = WorkerConfig::parse(include_str!("../../../wrangler.toml")).unwrap();
        let models = |list, leader| {
            let mut given = Given::read(&config, None).unwrap();
            given.set(MODELS, list);
            given.set(LEADER, leader);
            configured(&given)
        };
        let ids = |list, leader| {
            let found = models(list, leader).unwrap();
            found.iter().map(|model| model.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids("a=A b@0.60/1.20, b@1/2,c=C", ""), ["a", "b", "c"]);
        assert_eq!(ids("a,b", "b"), ["b", "a"]);
        assert_eq!(ids("a,b", "d").len(), 3);
        let price = |id| models("a=A b@0.60/1.20, b@1/2,c=C", "").unwrap().own_price_of(id);
        assert_eq!(price("a").map(|price| price.cost(1_000_000, 500_000)), Some(1_200_000));
        assert_eq!(price("c"), None);
        for (list, leader, name) in [("a@0,60/1,20", "", MODELS), ("a", "b c", LEADER)] {
            assert!(
                matches!(models(list, leader), Err(Fault::Malformed { name: of, .. }) if of == name),
                "{list} {leader}"
            );
        }
    }
}
