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
    /// As `Chat`, where an operator's collector of metrics, or a monitor, may come.
    Metrics(ChatHandler),
    /// As `Chat`, where everybody may know how the page does.
    Status(ChatHandler),
    /// Answers always; whoever asks for `deep`, as `Metrics`.
    Health(OpenHandler, ChatHandler),
    /// As `Chat`, where clients of OpenAI's API may come: errors have its shape.
    OpenAi(ChatHandler),
    /// As `Chat`, where a question may come without a token.
    OneShot(ChatHandler),
    /// As `Chat`, where other sites may show the page.
    Embed(ChatHandler),
    /// As `Chat`, where it may be used over a WebSocket.
    Socket(ChatHandler),
}

/// What must be switched on for a route to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    Nothing,
    Chat,
    Accounts,
    Maintenance,
    Metrics,
    Status,
    OpenAi,
    OneShot,
    Embedding,
    Sockets,
}

impl Access {
    /// What stands before the handler where this is asked for.
    pub(crate) fn asked(self, query: Option<&str>) -> Self {
        let is_deep = query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("deep=")));
        match self {
            Self::Health(_, deep) if is_deep => Self::Metrics(deep),
            Self::Health(open, _) => Self::Open(open),
            other => other,
        }
    }

    pub(crate) fn needs(&self) -> Needs {
        match self {
            Self::Open(_) | Self::Health(..) => Needs::Nothing,
            Self::Chat(_) => Needs::Chat,
            Self::Account(_) => Needs::Accounts,
            Self::Maintenance(_) => Needs::Maintenance,
            Self::Metrics(_) => Needs::Metrics,
            Self::Status(_) => Needs::Status,
            Self::OpenAi(_) => Needs::OpenAi,
            Self::OneShot(_) => Needs::OneShot,
            Self::Embed(_) => Needs::Embedding,
            Self::Socket(_) => Needs::Sockets,
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
    pub(crate) const fn health(path: &'static str, handler: OpenHandler, deep: ChatHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Health(handler, deep) }
    }

    pub(crate) const fn account(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Account(handler) }
    }

    pub(crate) const fn maintenance(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Maintenance(handler) }
    }

    pub(crate) const fn metrics(path: &'static str, handler: ChatHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Metrics(handler) }
    }

    pub(crate) const fn status(path: &'static str, handler: ChatHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Status(handler) }
    }

    pub(crate) const fn openai(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::OpenAi(handler) }
    }

    pub(crate) const fn one_shot(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::OneShot(handler) }
    }

    /// A route of the page in other sites' frames.
    pub(crate) const fn embed(path: &'static str, handler: ChatHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Embed(handler) }
    }

    pub(crate) const fn socket(path: &'static str, handler: ChatHandler) -> Self {
        Self { method: Method::GET, path, access: Access::Socket(handler) }
    }

    pub(crate) const fn chat(method: Method, path: &'static str, handler: ChatHandler) -> Self {
        Self { method, path, access: Access::Chat(handler) }
    }
}
