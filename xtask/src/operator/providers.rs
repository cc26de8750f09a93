//! Who vouches for visitors: whether the OpenID provider is there and is who it should be.

use serde_json::Value;

use super::call::{Call, host_of};
use super::clock::Clocks;
use super::fault::{Fault, Found};
use super::given::Given;

/// Who it is.
const ISSUER: &str = "OIDC_ISSUER";

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
