//! The host of mail, where there is one: whether it knows the token. Nothing is sent: what is posted has no address.

use super::call::{Call, host_of};
use super::clock::Clocks;
use super::fault::{Fault, Found};
use super::given::Given;

/// Where it is.
const ADDRESS: &str = "MAIL_API_URL";

/// What opens it.
const TOKEN: &str = "MAIL_API_TOKEN";

/// What the host says to a mail without an address; `None`: there is no host.
pub fn check(given: &Given, clocks: &mut Clocks) -> Option<Found> {
    let url = Some(given.get(ADDRESS)).filter(|url| !url.is_empty())?;
    Some(ask(given, url, clocks))
}

fn ask(given: &Given, url: &str, clocks: &mut Clocks) -> Found {
    let bearer = format!("Bearer {}", given.get(TOKEN));
    let headers = [("authorization", bearer.as_str())];
    let reply = Call { method: "POST", url, headers: &headers, body: Some("{}".to_owned()), name: ADDRESS }.send()?;
    clocks.vendor(&reply);
    let host = host_of(url).unwrap_or_default();
    match reply.status {
        401 | 403 => Err(Fault::WrongMailToken { host }),
        // It has read the mail and misses what is not in it.
        400 | 422 => Ok(format!("mail: {host} knows the token, in {} ms", reply.took.as_millis())),
        status => Err(Fault::Unexpected { name: ADDRESS.to_owned(), host, status, words: given.shown(&reply.body) }),
    }
}
