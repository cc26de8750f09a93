//! Who vouches for visitors: whether what is set is whole, and whether the OpenID provider is there and is who it should be.

use serde_json::Value;

use super::accounts::Found;
use super::call::{Call, host_of};
use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;

/// Who it is.
const ISSUER: &str = "OIDC_ISSUER";

/// What belongs together: the first switches a provider on.
const TOGETHER: [&[&str]; 3] = [
    &["OAUTH_GITHUB_ID", "OAUTH_GITHUB_SECRET", "PUBLIC_ORIGIN"],
    &["OAUTH_GOOGLE_ID", "OAUTH_GOOGLE_SECRET", "PUBLIC_ORIGIN"],
    &["OIDC_ID", "OIDC_SECRET", ISSUER, "PUBLIC_ORIGIN"],
];

/// What is missing beside what is set.
pub fn variables(given: &Given) -> Vec<Found> {
    let mut missing: Vec<&str> = Vec::new();
    for names in TOGETHER.iter().filter(|names| names.first().is_some_and(|id| !given.get(id).is_empty())) {
        missing.extend(names.iter().filter(|name| given.get(name).is_empty()));
    }
    missing.sort_unstable();
    missing.dedup();
    missing.into_iter().map(|name| Err(Fault::Missing { name: name.to_owned() })).collect()
}

/// What the OpenID provider says of itself; `None`: there is none.
pub fn check(given: &Given, clocks: &mut Clocks) -> Option<Found> {
    let issuer = Some(given.get(ISSUER)).filter(|issuer| !issuer.is_empty())?;
    Some(ask(given, issuer, clocks))
}

fn ask(given: &Given, issuer: &str, clocks: &mut Clocks) -> Found {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let reply = Call { method: "GET", url: &url, headers: &[], body: None, name: ISSUER }.send()?;
    clocks.vendor(&reply);
    let metadata = reply.json();
    let told = metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if reply.status != 200 || told.is_empty() {
        return Err(Fault::Unexpected {
            name: ISSUER.to_owned(),
            host: host_of(issuer).unwrap_or_default(),
            status: reply.status,
            words: given.shown(&reply.body),
        });
    }
    if told != issuer {
        let rule = format!("is not as the provider writes it: {}", given.shown(told));
        return Err(Fault::Malformed { name: ISSUER.to_owned(), rule });
    }
    Ok(format!("provider: {issuer} answers in {} ms", reply.took.as_millis()))
}
