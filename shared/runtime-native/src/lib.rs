//! A native process as a platform: what tests of the core run on, against real stores.
//!
//! It needs a current-thread tokio runtime with a `LocalSet`, because nothing of the core is `Send`.

mod bodies;
mod clock;
mod http;
mod log;
mod random;
mod tasks;
mod upstream;
mod variables;

use std::collections::HashMap;
use std::rc::Rc;

pub use clock::SystemClock;
pub use http::ReqwestClient;
use platform::{NoSignatures, Platform};
pub use upstream::ReaderChannel;

/// The native platform with these variables. A test replaces one field: `Platform { clock: fixed(t), ..native(…) }`.
#[must_use]
pub fn native(variables: HashMap<String, String>) -> Platform {
    let follows_none = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = follows_none.build().unwrap_or_default();
    Platform {
        http: Rc::new(ReqwestClient::new(client.clone())),
        sql: Rc::new(ReqwestClient::new(client.clone())),
        upstream: Rc::new(upstream::ReqwestUpstream::new(client)),
        bodies: Rc::new(bodies::ChannelBodies),
        clock: Rc::new(SystemClock),
        random: Rc::new(random::SystemRandom),
        signatures: Rc::new(NoSignatures),
        tasks: Rc::new(tasks::LocalTasks),
        variables: Rc::new(variables::Map(variables)),
        log: Rc::new(log::StandardError),
        has_sockets: false,
    }
}
