//! A table's entry: method, path, handler.

use futures::future::LocalBoxFuture;
use http::{Method, Response};

use application::App;

use crate::problem::Problem;
use crate::request::Request;
use crate::response::Body;

/// What a handler gives back.
pub type Answer = Result<Response<Body>, Problem>;

/// A handler that needs the configured application.
pub type ChatHandler = fn(App, Request) -> LocalBoxFuture<'static, Answer>;

/// What stands before a handler.
#[derive(Clone, Copy)]
pub enum Access {
    /// Answers always, even without a configuration.
    Open(fn() -> Response<Body>),
    /// Answers when the chat is switched on and configured; callers are checked by the handler.
    Chat(ChatHandler),
}

/// One route.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// Who answers.
    pub access: Access,
}

impl Endpoint {
    pub(crate) const fn open(path: &'static str, handler: fn() -> Response<Body>) -> Self {
        Self { method: Method::GET, path, access: Access::Open(handler) }
    }

    pub(crate) const fn chat(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Chat(handler) }
    }
}
