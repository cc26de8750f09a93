//! The first step against too many requests: Cloudflare's own counters, asked before anything else where a request may cost something (wrangler.toml,
//! `[[ratelimits]]`).
//!
//! They count for each of Cloudflare's locations and coarsely; what they let through is counted exactly by the core. Where there is no
//! binding nothing is refused here.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use futures::future::join_all;
use http::{Method, header};
use jiff::{SignedDuration, Timestamp};
use wasm_bindgen::prelude::*;
use worker::Env;

use crate::clock;

/// All requests of one address, and all of one token.
const ALL: &str = "REQUESTS_LIMIT";

/// What only reads the stores, of one token from one address: many visitors may share an address.
const READS: &str = "READS_LIMIT";

/// What only reads the stores.
const READ_FROM: [&str; 4] = ["/api/v1/chat/", "/api/v1/me", "/v1/models", "/api/v1/openai/models"];

/// How long an isolate refuses by itself what was refused. The counters do not say when they let it through again.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(10);

/// So many are remembered; then all are forgotten, and the counters asked again.
const MOST_REMEMBERED: usize = 1_000;

/// The longest key, in bytes: the end of a token's signature, or of an API key, of which no more than that is written anywhere.
const LONGEST_KEY: usize = 16;

thread_local! {
    static REFUSED: RefCell<HashMap<String, Timestamp>> = RefCell::default();

    /// Bindings change with a deployment only, which starts new isolates.
    static COUNTERS: OnceCell<Rc<Counters>> = const { OnceCell::new() };
}

/// The counters that there are.
struct Counters {
    all: Option<RateLimit>,
    reads: Option<RateLimit>,
}

impl Counters {
    fn of(env: &Env) -> Rc<Self> {
        let counter = |binding: &str| {
            let counter = js_sys::Reflect::get(env, &binding.into()).ok()?;
            counter.is_object().then(|| counter.unchecked_into())
        };
        let fresh = || Rc::new(Self { all: counter(ALL), reads: counter(READS) });
        COUNTERS.with(|counters| Rc::clone(counters.get_or_init(fresh)))
    }

    fn are_none(&self) -> bool {
        self.all.is_none() && self.reads.is_none()
    }

    fn by_name(&self, binding: &str) -> Option<&RateLimit> {
        if binding == ALL { self.all.as_ref() } else { self.reads.as_ref() }
    }
}

#[wasm_bindgen]
extern "C" {
    type RateLimit;

    #[wasm_bindgen(method, catch)]
    async fn limit(this: &RateLimit, options: &JsValue) -> Result<JsValue, JsValue>;
}

/// Whether its sender has come too often.
pub(crate) async fn refuses(asked: &http::request::Parts, client: Option<IpAddr>, env: &Env) -> bool {
    let counters = Counters::of(env);
    // A preflight that is refused would look like a missing permission.
    if counters.are_none() || asked.method == Method::OPTIONS {
        return false;
    }
    let keys = keys(asked, client);
    let now = clock::now();
    let is_remembered = |(_, key): &(&str, String)| REFUSED.with_borrow(|refused| refused.get(key) > Some(&now));
    if keys.iter().any(is_remembered) {
        return true;
    }
    let counted = join_all(keys.into_iter().map(|(binding, key)| {
        let counter = counters.by_name(binding);
        async move {
            let passes = match counter {
                Some(counter) => passes(counter, &key).await,
                None => true,
            };
            (key, passes)
        }
    }));
    let refused: Vec<String> = counted.await.into_iter().filter(|(_, passes)| !passes).map(|(key, _)| key).collect();
    let is_refused = !refused.is_empty();
    REFUSED.with_borrow_mut(|known| {
        if known.len() + refused.len() > MOST_REMEMBERED {
            known.clear();
        }
        let until = now.checked_add(REMEMBERED).unwrap_or(now);
        known.extend(refused.into_iter().map(|key| (key, until)));
    });
    is_refused
}

/// Under what a request is counted, and by which counter. An IPv6 customer has a /64; a token is known by the end of its signature.
fn keys(asked: &http::request::Parts, client: Option<IpAddr>) -> Vec<(&'static str, String)> {
    let network = match client.map(|client| client.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        None => String::new(),
    };
    let token = asked.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    // How many blanks stand before it makes it no other.
    let end = token.and_then(|token| token.rsplit(|one: char| one == '.' || one.is_ascii_whitespace()).next());
    let signature = end.and_then(|end| end.get(end.len().saturating_sub(LONGEST_KEY)..));
    let mut keys = Vec::new();
    if !network.is_empty() {
        keys.push((ALL, format!("address {network}")));
    }
    if let Some(signature) = signature {
        keys.push((ALL, format!("token {signature}")));
        if [Method::GET, Method::HEAD].contains(&asked.method)
            && READ_FROM.iter().any(|from| asked.uri.path().starts_with(from))
        {
            keys.push((READS, format!("reads {signature} {network}")));
        }
    }
    keys
}

/// Counts one more; a counter that is out of order lets everything pass.
async fn passes(counter: &RateLimit, key: &str) -> bool {
    let options = js_sys::Object::new();
    if js_sys::Reflect::set(&options, &"key".into(), &key.into()).is_err() {
        return true;
    }
    let outcome = counter.limit(&options).await;
    let success = outcome.and_then(|outcome| js_sys::Reflect::get(&outcome, &"success".into()));
    !success.is_ok_and(|success| success == JsValue::FALSE)
}
