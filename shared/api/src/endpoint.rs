//! A table's entry: method, path, handler.

use futures::future::LocalBoxFuture;
use http::{Method, Response};

use application::{App, Config};
use jiff::Timestamp;

use crate::problem::Problem;
use crate::request::Request;
use crate::response::Body;

/// What a handler returns: the response, or the problem that becomes one.
pub type HandlerResult = Result<Response<Body>, Problem>;

/// A handler that needs the configured application.
pub type ChatHandler = fn(App, Request) -> LocalBoxFuture<'static, HandlerResult>;

/// A handler that can do without.
pub type OpenHandler = fn(&OpenRequest<'_>) -> Response<Body>;

/// What an open handler may look at.
pub struct OpenRequest<'a> {
    /// Path and headers.
    pub parts: &'a http::request::Parts,
    /// The configuration, if the chat is switched on and set up.
    pub config: Option<&'a Config>,
    /// The present moment.
    pub now: Timestamp,
}

/// What stands before a handler.
#[derive(Clone, Copy)]
pub enum Access {
    /// Answers always, even without a configuration.
    Open(OpenHandler),
    /// Answers when the chat is switched on and configured; callers are checked by the handler.
    Chat(ChatHandler),
    /// As `Chat`, where there are accounts.
    Account(ChatHandler),
    /// As `Chat`, where an operator's scheduler may come.
    Maintenance(ChatHandler),
    /// As `Chat`, where clients of OpenAI's API may come: errors have its shape.
    OpenAi(ChatHandler),
}

/// What must be switched on for a route to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    Nothing,
    Chat,
    Accounts,
    Maintenance,
    OpenAi,
}

impl Access {
    pub(crate) fn needs(&self) -> Needs {
        match self {
            Self::Open(_) => Needs::Nothing,
            Self::Chat(_) => Needs::Chat,
            Self::Account(_) => Needs::Accounts,
            Self::Maintenance(_) => Needs::Maintenance,
            Self::OpenAi(_) => Needs::OpenAi,
        }
    }
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
    pub(crate) const fn open(path: &'static str, handler: OpenHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Open(handler) }
    }

    pub(crate) const fn account(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Account(handler) }
    }

    pub(crate) const fn maintenance(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Maintenance(handler) }
    }

    pub(crate) const fn openai(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::OpenAi(handler) }
    }

    pub(crate) const fn chat(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Chat(handler) }
    }
}
