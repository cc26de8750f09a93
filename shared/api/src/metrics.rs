//! `/metrics`: the same figures for Prometheus. A stateless edge has no counters of its own: they are gauges of the last five minutes and the last day.

use std::fmt::Write as _;

use application::overview::{self, Snapshot};
use application::{App, operator_token};
use bytes::Bytes;
use domain::{BreakerState, Figures, Percentiles};
use http::{HeaderValue, Response, header};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::overview::{refusals, storage_limit};
use crate::problem::Problem;
use crate::request::Request;
use crate::response::Body;

const METRICS: &str = "/metrics";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[Endpoint::metrics(METRICS, |app, request| Box::pin(read(app, request)))];

/// The figures in Prometheus' text format, with `METRICS_TOKEN` as the bearer's token; at most a minute old. Without that variable the route is not there.
#[utoipa::path(
    get, path = METRICS, tag = "admin", operation_id = "read_metrics",
    responses((status = 200, content((String = "text/plain"))), Problem)
)]
async fn read(app: App, request: Request) -> HandlerResult {
    request.shows(&app, operator_token::is_for_metrics)?;
    let snapshot = overview::snapshot(&app).await?;
    let mut response = Response::new(Body::Whole(Bytes::from(text(&app, &snapshot))));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn text(app: &App, snapshot: &Snapshot) -> String {
    let Snapshot { at, day, lately, shared, budget } = snapshot;
    let mut page = Page::default();
    let windows = [("24h", day), ("5m", lately)];
    page.gauge("edgewise_messages", "Messages by what became of them.");
    for (window, figures) in windows {
        for (outcome, count) in outcomes(figures) {
            page.line(&[("window", window), ("outcome", outcome)], &count.to_string());
        }
    }
    page.gauge("edgewise_first_byte_seconds", "From the call of the model to its first event.");
    for (window, figures) in windows {
        page.percentiles(window, figures.first_byte);
    }
    page.gauge("edgewise_answer_seconds", "From the call of the model to the end of its answer.");
    for (window, figures) in windows {
        page.percentiles(window, figures.whole);
    }
    page.gauge("edgewise_failures", "Answers that broke off or never began, by the code that was told.");
    for (window, figures) in windows {
        for (code, count) in &figures.failures {
            page.line(&[("window", window), ("code", code)], &count.to_string());
        }
    }
    page.gauge("edgewise_active_users", "Users who have sent something.");
    for (window, figures) in windows {
        page.line(&[("window", window)], &figures.active_users.to_string());
    }
    page.gauge("edgewise_tokens", "Tokens by the model's count.");
    for (window, figures) in windows {
        for of in &figures.models {
            for (kind, count) in [("prompt", of.prompt_tokens), ("completion", of.completion_tokens)] {
                page.line(&[("window", window), ("model", &of.model), ("kind", kind)], &count.to_string());
            }
        }
    }
    page.gauge("edgewise_cost_usd", "What these tokens cost by the model's price.");
    for (window, figures) in windows {
        for of in &figures.models {
            page.line(&[("window", window), ("model", &of.model)], &decimal(overview::cost(app, of), 6));
        }
    }
    page.gauge(
        "edgewise_refusals_today",
        "Messages that were not let in since midnight UTC, by the code that was told.",
    );
    for (code, count) in refusals(shared).iter().map(|count| count.parts()) {
        page.line(&[("code", code)], &count.to_string());
    }
    if let Some(budget) = budget {
        page.gauge("edgewise_budget_usd", "The day's money.");
        let parts = [("daily", budget.daily), ("spent", budget.spent), ("held", budget.held), ("left", budget.left())];
        for (part, micros) in parts {
            page.line(&[("part", part)], &decimal(micros, 6));
        }
    }
    let is_closed = u8::from(shared.breaker == BreakerState::Closed);
    page.one("edgewise_breaker_closed", "1 while the model is asked.", is_closed);
    page.one("edgewise_breaker_times_opened", "How often the breaker has opened.", shared.times_opened);
    page.one("edgewise_rows", "Rows, as Postgres estimates them.", day.rows);
    page.one("edgewise_storage_bytes", "Bytes of the database, as they were measured last.", day.bytes);
    if let Some(limit) = storage_limit(&app.config) {
        page.one("edgewise_storage_limit_bytes", "Bytes that it may have.", limit);
    }
    page.one("edgewise_figures_timestamp_seconds", "When the database was asked.", at.as_second());
    page.text
}

/// The names that the contract has for them.
fn outcomes(figures: &Figures) -> [(&'static str, u64); 4] {
    let Figures { completed, stopped, interrupted, failed, .. } = *figures;
    [("completed", completed), ("stopped", stopped), ("interrupted", interrupted), ("failed", failed)]
}

/// A page in the making, and the gauge whose lines come.
#[derive(Default)]
struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    fn gauge(&mut self, name: &'static str, help: &str) {
        self.name = name;
        // Writing to a string has no way to fail, here and below.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn one(&mut self, name: &'static str, help: &str, value: impl ToString) {
        self.gauge(name, help);
        self.line(&[], &value.to_string());
    }

    fn line(&mut self, labels: &[(&str, &str)], value: &str) {
        self.text.push_str(self.name);
        for (at, (name, label)) in labels.iter().enumerate() {
            let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{}{name}=\"{label}\"", if at == 0 { "{" } else { "," });
        }
        let _ = writeln!(self.text, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// Under a label of their own: `quantile` is kept for summaries, which these are not.
    fn percentiles(&mut self, window: &str, percentiles: Option<Percentiles>) {
        let Some(Percentiles { p50, p95, p99 }) = percentiles else { return };
        for (percentile, millis) in [("50", p50), ("95", p95), ("99", p99)] {
            self.line(&[("window", window), ("percentile", percentile)], &decimal(millis, 3));
        }
    }
}

/// A number of so many decimal places, which it counts in.
fn decimal(number: u64, places: u32) -> String {
    let one = 10_u64.pow(places);
    format!("{}.{:0width$}", number / one, number % one, width = usize::try_from(places).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_labels_whatever_a_model_is_called() {
        let mut page = Page::default();
        page.gauge("a", "b.");
        page.line(&[("x", "1\"\\\n"), ("y", "2")], "3");
        page.one("c", "d.", 4);
        page.gauge("e", "f.");
        page.percentiles("5m", Some(Percentiles { p50: 7, p95: 1_234, p99: 60_000 }));
        let lines: Vec<&str> = page.text.lines().filter(|line| !line.starts_with('#')).collect();
        let expected = [
            r#"a{x="1\"\\\n",y="2"} 3"#,
            "c 4",
            r#"e{window="5m",percentile="50"} 0.007"#,
            r#"e{window="5m",percentile="95"} 1.234"#,
            r#"e{window="5m",percentile="99"} 60.000"#,
        ];
        assert_eq!(lines, expected);
        assert_eq!(decimal(1_000_020, 6), "1.000020");
    }
}
