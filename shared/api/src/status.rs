//! `/status`: how the page does, for everybody, where the operator wants that told. As JSON, and as a page without a script. Nobody who asks, however often,
//! has the stores asked more than twice a minute by one instance.

use application::App;
use application::overview::{self, Snapshot};
use domain::BreakerState;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::page_policy::POLICY;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{self, Body};
use crate::shared_page::{NAME, escaped, footer};
use crate::shares::PageProblem;

const STATUS: &str = "/api/v1/status";
const PAGE: &str = "/status";

/// What caches may do: nobody is told anything that is older than two minutes.
const MAX_AGE: &str = "public, max-age=30";

/// As many messages of five minutes say something of the moment.
const SPEAK: u64 = 5;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::status(STATUS, |app, request| Box::pin(read(app, request))),
    Endpoint::status(PAGE, |app, request| Box::pin(page(app, request))),
];

/// How the page does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Health {
    /// Nothing is known to be wrong.
    Ok,
    /// Of the last messages more than a tenth had no whole answer, or the model is just being tried again.
    Degraded,
    /// The model is not asked for a while.
    Paused,
}

/// How the page does, without a word of how many use it.
#[derive(Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusView {
    now: Health,
    /// When the figures were read.
    #[schema(format = DateTime)]
    at: String,
    /// Of 24 hours, from 0 to 1. `null`: nothing was sent.
    #[schema(required = true)]
    success_rate: Option<f64>,
    /// From the call of the model to its first event, of 24 hours. `null`: no answer says.
    #[schema(required = true)]
    ttft_ms: Option<FirstByteView>,
}

/// Exact percentiles, in milliseconds.
#[derive(Serialize, ToSchema)]
#[schema(as = FirstByte)]
pub(crate) struct FirstByteView {
    p50: u64,
    p95: u64,
}

/// How the page does. Without `STATUS_PUBLIC` the route is not there.
#[utoipa::path(
    get, path = STATUS, tag = "meta", operation_id = "read_status", security(()),
    responses((status = 200, body = StatusView), Problem)
)]
async fn read(app: App, _request: Request) -> HandlerResult {
    let view = view(&overview::snapshot_for_all(&app).await?);
    let mut response = response::json(StatusCode::OK, &view);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(MAX_AGE));
    Ok(response)
}

/// The same as a page.
#[utoipa::path(
    get, path = PAGE, tag = "meta", operation_id = "open_status", security(()),
    responses((status = 200, content((String = "text/html"))), PageProblem)
)]
async fn page(app: App, request: Request) -> HandlerResult {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
    let snapshot =
        overview::snapshot_for_all(&app).await.map_err(|error| Problem::from(error).for_a_person(accepted))?;
    let mut response = Response::new(Body::Whole(html(&view(&snapshot), &snapshot).into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(MAX_AGE));
    Ok(response)
}

fn view(snapshot: &Snapshot) -> StatusView {
    let Snapshot { at, day, lately, shared, .. } = snapshot;
    let answered = lately.completed + lately.stopped;
    let is_failing = lately.messages() >= SPEAK && answered * 10 < lately.messages() * 9;
    let now = match shared.breaker {
        BreakerState::Open => Health::Paused,
        BreakerState::Probing => Health::Degraded,
        BreakerState::Closed if is_failing => Health::Degraded,
        BreakerState::Closed => Health::Ok,
    };
    StatusView {
        now,
        at: at.to_string(),
        success_rate: day.success_rate(),
        ttft_ms: day.first_byte.map(|of| FirstByteView { p50: of.p50, p95: of.p95 }),
    }
}

fn html(view: &StatusView, snapshot: &Snapshot) -> String {
    let now = match view.now {
        Health::Ok => "All is well.",
        Health::Degraded => "Some answers fail at present.",
        Health::Paused => "The model does not answer at present. It is tried again soon.",
    };
    let day = &snapshot.day;
    let mut lines = String::new();
    // In thousandths, rounded down: 99.96 % is not all.
    if let Some(thousandths) = ((day.completed + day.stopped) * 1_000).checked_div(day.messages()) {
        lines += &format!("<p>Answered in the last 24 hours: {}.{} %</p>", thousandths / 10, thousandths % 10);
    }
    if let Some(FirstByteView { p50, p95 }) = view.ttft_ms {
        lines += &format!("<p>First words after {p50} ms, or {p95} ms for the slowest twentieth</p>");
    }
    let (name, at, footer) = (escaped(NAME), &view.at, footer());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Status · {name}</title><link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/page.css\"></head>\
         <body class=\"shared\"><div id=\"shared\"><main><header class=\"shared-head\"><h1>{now}</h1>\
         <p class=\"shared-note\">As it was at <time datetime=\"{at}\">{at}</time></p></header>{lines}{footer}\
         </main></div></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use domain::{Figures, SharedFigures};
    use jiff::Timestamp;

    use super::*;

    fn snapshot(lately: (u64, u64), breaker: BreakerState) -> Snapshot {
        let figures = |(completed, failed)| Figures { completed, failed, ..Figures::default() };
        Snapshot {
            at: Timestamp::UNIX_EPOCH,
            day: figures((1_999, 1)),
            lately: figures(lately),
            shared: SharedFigures { breaker, ..SharedFigures::default() },
            budget: None,
        }
    }

    #[test]
    fn one_failure_of_few_says_nothing_and_a_pause_says_all() {
        for (lately, breaker, expected) in [
            ((0, 0), BreakerState::Closed, Health::Ok),
            ((3, 1), BreakerState::Closed, Health::Ok),
            ((4, 1), BreakerState::Closed, Health::Degraded),
            ((9, 1), BreakerState::Closed, Health::Ok),
            ((9, 0), BreakerState::Probing, Health::Degraded),
            ((9, 0), BreakerState::Open, Health::Paused),
        ] {
            assert_eq!(view(&snapshot(lately, breaker)).now, expected, "{lately:?} {breaker:?}");
        }
        let told = snapshot((0, 0), BreakerState::Closed);
        let page = html(&view(&told), &told);
        assert!(page.contains("99.9 %") && !page.contains("<script") && !page.contains("First words"), "{page}");
    }
}
