//! The first step against too many requests: Cloudflare's own counters, asked before anything else where a request may cost something (wrangler.toml,
//! `[[ratelimits]]`). Under what they count a request is decided natively, by `api::Asked`.
//!
//! They count for each of Cloudflare's locations and coarsely; what they let through is counted exactly by the core. Where there is no
//! binding nothing is refused here.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use api::{Asked, Counter};
use futures::future::join_all;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use wasm_bindgen::prelude::*;
use worker::Env;

/// How long an isolate refuses by itself what was refused. The counters do not say when they let it through again.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(10);

/// So many are remembered; then all are forgotten, and the counters asked again.
const MOST_REMEMBERED: usize = 1_000;

thread_local! {
    static REFUSED: RefCell<HashMap<String, Timestamp>> = RefCell::default();

    /// Bindings change with a deployment only, which starts new isolates.
    static COUNTERS: OnceCell<Rc<Counters>> = const { OnceCell::new() };
}

/// The counters that there are.
struct Counters {
    requests: Option<RateLimit>,
    address: Option<RateLimit>,
    reads: Option<RateLimit>,
}

impl Counters {
    fn of(env: &Env) -> Rc<Self> {
        let bound = |binding: &str| {
            let counter = js_sys::Reflect::get(env, &binding.into()).ok()?;
            counter.is_object().then(|| counter.unchecked_into())
        };
        let fresh = || {
            Rc::new(Self {
                requests: bound("REQUESTS_LIMIT"),
                address: bound("ADDRESS_LIMIT"),
                reads: bound("READS_LIMIT"),
            })
        };
        COUNTERS.with(|counters| Rc::clone(counters.get_or_init(fresh)))
    }

    fn are_none(&self) -> bool {
        self.requests.is_none() && self.address.is_none() && self.reads.is_none()
    }

    fn that(&self, counter: Counter) -> Option<&RateLimit> {
        match counter {
            Counter::Requests => self.requests.as_ref(),
            Counter::Address => self.address.as_ref(),
            Counter::Reads => self.reads.as_ref(),
        }
    }
}

#[wasm_bindgen]
extern "C" {
    type RateLimit;

    #[wasm_bindgen(method, catch)]
    async fn limit(this: &RateLimit, options: &JsValue) -> Result<JsValue, JsValue>;
}

/// Whether its sender has come too often.
pub(crate) async fn refuses(asked: &Asked<'_>, env: &Env) -> bool {
    let counters = Counters::of(env);
    // A preflight that is refused would look like a missing permission.
    if counters.are_none() || asked.parts.method == Method::OPTIONS {
        return false;
    }
    let (keys, now) = (asked.counted_by(), asked.now);
    let is_remembered = |(_, key): &(Counter, String)| REFUSED.with_borrow(|refused| refused.get(key) > Some(&now));
    if keys.iter().any(is_remembered) {
        return true;
    }
    let counted = join_all(keys.into_iter().map(|(counter, key)| {
        let counter = counters.that(counter);
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
