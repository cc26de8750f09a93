//! One request from the runtime's door and back: route, switch, configuration, handler, headers, log.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use application::config::{Complaint, ConfigError};
use application::log::RequestLog;
use application::{App, Config};
use domain::RequestId;
use http::{HeaderMap, HeaderValue, Method, Response, header};
use platform::{Level, Platform};

use crate::access_log::{self, Entry};
use crate::counters::Asked;
use crate::endpoint::{Access, Endpoint, Needs, OpenRequest};
use crate::headers;
use crate::problem::{Problem, openai_in_stream};
use crate::request::{Incoming, Request, sole};
use crate::response::{self, Body};
use crate::router::{Route, Router};

/// The configuration as it was found. A runtime keeps it for as long as its variables cannot change.
#[derive(Clone)]
pub enum ConfigState {
    /// The chat is switched off: its routes do not exist.
    Off,
    /// Ready.
    On(Rc<Config>),
    /// A variable is missing or malformed.
    Wrong(ConfigError),
}

impl ConfigState {
    /// Reads and checks the variables.
    pub async fn load(platform: &Platform) -> Self {
        match Config::load(&*platform.variables).await {
            Ok(Some(config)) => Self::On(Rc::new(config)),
            Ok(None) => Self::Off,
            Err(error) => Self::Wrong(error),
        }
    }

    /// The same, unless a runtime finds more that is wrong: in variables that only it has.
    #[must_use]
    pub fn but_for(self, complaints: Vec<Complaint>) -> Self {
        match self {
            _ if complaints.is_empty() => self,
            Self::Off => Self::Off,
            Self::On(_) => Self::Wrong(ConfigError { complaints }),
            Self::Wrong(mut error) => {
                error.complaints.extend(complaints);
                Self::Wrong(error)
            }
        }
    }

    /// Whether a route is there that needs this.
    fn has(&self, needs: Needs) -> bool {
        match (self, needs) {
            (_, Needs::Nothing) => true,
            (Self::Off, _) => false,
            (Self::On(config), Needs::Accounts) => config.accounts.is_some(),
            (Self::On(config), Needs::Maintenance) => config.maintenance_token.is_some(),
            (Self::On(config), Needs::Metrics) => config.metrics_token.is_some(),
            (Self::On(config), Needs::Status) => config.status_public,
            (Self::On(config), Needs::OpenAi) => config.openai,
            (Self::On(config), Needs::OneShot) => config.one_shot,
            (Self::On(config), Needs::Embedding) => !config.embed_origins.is_empty(),
            (Self::On(config), Needs::Sockets) => config.sockets,
            (Self::On(_), Needs::Chat) | (Self::Wrong(_), _) => true,
        }
    }

    fn config(&self) -> Option<&Config> {
        match self {
            Self::On(config) => Some(config),
            Self::Off | Self::Wrong(_) => None,
        }
    }
}

/// The routes of some tables, ready to serve.
pub struct Service {
    router: Router,
}

impl Service {
    /// A service of these tables.
    #[must_use]
    pub fn new(tables: &[&'static [Endpoint]]) -> Self {
        Self { router: Router::new(tables) }
    }

    /// Serves one request. Every response is ours: also 404, 405 and faults have our envelope, headers and log record.
    ///
    /// `comes_too_often` asks the platform's own counters. It is asked before anything else of what may cost something: what costs
    /// nothing is never refused.
    pub async fn serve(
        &self,
        platform: Platform,
        loaded: &ConfigState,
        incoming: Incoming,
        comes_too_often: impl AsyncFnOnce(&Asked<'_>) -> bool,
    ) -> Response<Body> {
        let now = platform.clock.now();
        let mut fresh = [0; 10];
        platform.random.fill(&mut fresh);
        let request = RequestId::new(now, fresh);
        let method = incoming.parts.method.clone();
        let origin = sole(&incoming.parts.headers, header::ORIGIN).ok().flatten().cloned();
        let least = loaded.config().map_or(Level::Info, |config| config.log_level);
        let log = RequestLog::new(&platform, least, request, trace_id(&incoming.parts.headers));

        for conflict in self.router.conflicts() {
            log.write(Level::Error, "route not served", vec![("cause", conflict.clone().into())]);
        }
        let route = self.router.route(&method, incoming.parts.uri.path());
        let shown = if let Route::Found(endpoint, _) = &route { endpoint.path } else { "" };
        let needs = match &route {
            Route::Found(endpoint, _) => endpoint.access.asked(incoming.parts.uri.query()).needs(),
            Route::OtherMethods { needs, .. } => *needs,
            Route::Missing => Needs::Nothing,
        };
        let may_cost = matches!(route, Route::Found(..)) && needs != Needs::Nothing;
        let asked = Asked { parts: &incoming.parts, client: incoming.client, config: loaded.config(), now };
        let is_refused = may_cost && comes_too_often(&asked).await;
        let outcome = match route {
            Route::Missing => Err(Problem::not_found()),
            Route::OtherMethods { needs, .. } if !loaded.has(needs) => Err(Problem::not_found()),
            Route::OtherMethods { allow, .. } if method == Method::OPTIONS => {
                Ok(options(loaded, origin.as_ref(), &allow))
            }
            Route::OtherMethods { allow, .. } => Err(Problem::method_not_allowed(&allow)),
            Route::Found(endpoint, path_values) => match (endpoint.access.asked(incoming.parts.uri.query()), loaded) {
                (access, _) if !loaded.has(access.needs()) => Err(Problem::not_found()),
                _ if is_refused => Err(Problem::too_often()),
                // Nothing here is ever unpacked: a small body could become a large one.
                _ if incoming.parts.headers.contains_key(header::CONTENT_ENCODING) => {
                    Err(Problem::unsupported_media_type())
                }
                (Access::Open(handler) | Access::Health(handler, _), _) => {
                    Ok(handler(&OpenRequest { parts: &incoming.parts, config: loaded.config(), now }))
                }
                (_, ConfigState::Off) => Err(Problem::not_found()),
                (_, ConfigState::Wrong(error)) => Err(Problem::misconfigured(error.to_string())),
                (
                    Access::Chat(handler)
                    | Access::Account(handler)
                    | Access::Maintenance(handler)
                    | Access::Metrics(handler)
                    | Access::Status(handler)
                    | Access::OpenAi(handler)
                    | Access::OneShot(handler)
                    | Access::Embed(handler)
                    | Access::Socket(handler),
                    ConfigState::On(config),
                ) => {
                    let in_stream = if needs == Needs::OpenAi { openai_in_stream } else { Problem::in_stream };
                    let app = App::new(platform.clone(), Rc::clone(config), log.clone(), in_stream);
                    let client = told_by_proxy(config, &incoming.parts.headers).or(incoming.client);
                    handler(app, Request::new(Incoming { client, ..incoming }, path_values)).await
                }
            },
        };

        let ended = platform.clock.now();
        let entry = Entry { log: &log, method: method.as_str(), route: shown, began: now, ended };
        let (mut response, problem) = match outcome {
            Ok(response) => (response, None),
            Err(problem) => {
                access_log::problem(&log, &problem);
                let response = match needs {
                    Needs::OpenAi => problem.openai_response(),
                    Needs::Nothing
                    | Needs::Chat
                    | Needs::Accounts
                    | Needs::Maintenance
                    | Needs::Metrics
                    | Needs::Status
                    | Needs::OneShot
                    | Needs::Embedding
                    | Needs::Sockets => problem.response(request),
                };
                (response, Some(problem))
            }
        };
        if method == Method::HEAD {
            *response.body_mut() = Body::Whole(bytes::Bytes::new());
        }
        let answered = response.headers_mut();
        headers::security(answered);
        if let Some(config) = loaded.config() {
            headers::cors(answered, config, origin.as_ref());
        }
        headers::text(answered, "x-request-id", &request.to_string());
        entry.request(&response, problem.as_ref());
        response
    }
}

/// Runs maintenance because a platform's clock says so. Nothing is answered: the log says what was done.
pub async fn maintain(platform: Platform, loaded: &ConfigState) {
    let mut fresh = [0; 10];
    platform.random.fill(&mut fresh);
    let request = RequestId::new(platform.clock.now(), fresh);
    let least = loaded.config().map_or(Level::Info, |config| config.log_level);
    let log = RequestLog::new(&platform, least, request, None);
    match loaded {
        ConfigState::Off => {}
        ConfigState::Wrong(error) => access_log::problem(&log, &Problem::misconfigured(error.to_string())),
        ConfigState::On(config) => {
            let app = App::new(platform, Rc::clone(config), log.clone(), Problem::in_stream);
            if let Err(error) = application::maintenance::run(&app).await {
                access_log::problem(&log, &error.into());
            }
        }
    }
}

/// The client's address as the operator's proxy tells it, alone or with a port. A proxy that says nothing or several things says nothing.
fn told_by_proxy(config: &Config, headers: &HeaderMap) -> Option<IpAddr> {
    let told = sole(headers, config.client_address_header.as_ref()?).ok()??.to_str().ok()?.trim();
    told.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| told.parse()).ok()
}

/// Answers `OPTIONS`: which methods there are, and what another origin may send.
fn options(loaded: &ConfigState, origin: Option<&HeaderValue>, allow: &str) -> Response<Body> {
    let mut response = response::no_content();
    headers::text(response.headers_mut(), "allow", allow);
    if let Some(config) = loaded.config() {
        headers::preflight(response.headers_mut(), config, origin, allow);
    }
    response
}

/// The trace id of a W3C `traceparent` (version 00), if it is one.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = value.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = trace.len() == 32 && trace.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (version == "00" && is_hex && trace.bytes().any(|byte| byte != b'0')).then(|| trace.to_owned())
}
