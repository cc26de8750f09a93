//! The seam between the core and the runtime it lives on.
//!
//! Everything the core needs from outside is one of the traits below, one file each; a runtime crate builds a
//! [`Platform`] out of its own implementations, a test replaces one field. None of them is `Send`: Workers and Spin are
//! single-threaded, and native tests run on a current-thread runtime.

mod bodies;
mod clock;
mod http;
mod log;
mod random;
mod signatures;
mod tasks;
mod upstream;
mod variables;

use std::rc::Rc;

pub use bodies::{Bodies, BodyReader, BodyWriter, ReaderLeft};
pub use clock::{Clock, Elapsed, within};
pub use http::{HttpClient, HttpError, IncomingBody};
pub use log::{Field, Level, Log, Record};
pub use random::Random;
pub use signatures::{NoSignatures, NotVerified, SignatureAlgorithm, Signatures};
pub use tasks::Tasks;
pub use upstream::{Leaving, Opened, ReaderBody, RelayEnd, Split, Tape, Upstream, UpstreamBody};
pub use variables::{Setting, VariableUnreadable, Variables};

/// One runtime's way to the outside. Cheap to clone: every field is shared.
#[derive(Clone)]
pub struct Platform {
    /// Whole requests with whole answers: Redis, mail, identity providers, Turnstile, webhooks.
    pub http: Rc<dyn HttpClient>,
    /// The same for Postgres, which says all in status and body: an adapter may leave out an answer's headers.
    pub sql: Rc<dyn HttpClient>,
    /// The model: head first, then a body that can be split.
    pub upstream: Rc<dyn Upstream>,
    /// Bodies of our own writing.
    pub bodies: Rc<dyn Bodies>,
    /// Wall clock and timers.
    pub clock: Rc<dyn Clock>,
    /// Unpredictable bytes.
    pub random: Rc<dyn Random>,
    /// Signatures of passkeys.
    pub signatures: Rc<dyn Signatures>,
    /// Work that outlives the answer.
    pub tasks: Rc<dyn Tasks>,
    /// The operator's configuration.
    pub variables: Rc<dyn Variables>,
    /// Where JSON log lines go.
    pub log: Rc<dyn Log>,
    /// Whether a request can become a WebSocket.
    pub has_sockets: bool,
}
