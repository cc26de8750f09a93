//! Foreign formats, parsed and serialised: Neon's `/sql`, Upstash's REST, the chat-completions protocol and its event stream, Turnstile's siteverify, mail,
//! what a browser hands on of a passkey, OAuth and OpenID Connect, GitHub's users, and Spin's lists of hosts.
//!
//! Nothing here does I/O, knows a runtime or knows what a chat is. Input from outside is taken tolerantly (unknown keys are
//! ignored) and never trusted: no parser panics, recurses without bound or keeps more than it was told to.

pub mod completions;
pub mod github;
pub mod mail;
pub mod neon;
pub mod oidc;
pub mod spin_hosts;
pub mod sse;
pub mod turnstile;
pub mod upstash;
pub mod webauthn;
pub mod webhook;
