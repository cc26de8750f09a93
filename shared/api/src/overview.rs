//! `/admin/overview`: what an operator is told of a while. What each number counts: docs/metrics.md.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use application::overview::{self, Budget, Overview};
use application::{App, Config};
use domain::{BusyUser, HourFigures, ModelFigures, ModelVotes, OVERVIEW_DAYS, Percentiles, SharedFigures};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::{ErrorCode, Problem};
use crate::request::Request;
use crate::response;

const OVERVIEW: &str = "/api/v1/admin/overview";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::account(Method::GET, OVERVIEW, |app, request| Box::pin(read(app, request)))];

/// What has happened between two moments.
#[derive(Serialize, ToSchema)]
#[schema(as = Overview)]
pub(crate) struct OverviewView {
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    to: String,
    messages: MessageCounts,
    /// From 0 to 1: completed and stopped, of all. `null`: there are none.
    #[schema(required = true)]
    success_rate: Option<f64>,
    users: UserCounts,
    /// From the call of the model to its first event. `null`: no answer says.
    #[schema(required = true)]
    ttft_ms: Option<PercentilesView>,
    /// From the call of the model to the answer's end.
    #[schema(required = true)]
    duration_ms: Option<PercentilesView>,
    /// Messages that were not let in, on the days of UTC that the while touches.
    refusals: Vec<CodeCount>,
    /// Answers that broke off or never began, by the code that their sender was told.
    failures: Vec<CodeCount>,
    models: Vec<ModelCosts>,
    /// What readers think of the answers that were given in the while, whenever they said so.
    feedback: Vec<VotesView>,
    /// Each hour that the while touches.
    hours: Vec<HourView>,
    /// Today's money. `null`: there is no limit.
    #[schema(required = true)]
    budget: Option<BudgetView>,
    storage: StorageView,
    breaker: BreakerView,
    /// Who has sent most, at most ten.
    busiest: Vec<BusyView>,
}

/// What became of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageCounts {
    /// The model came to its end or its limit.
    completed: u64,
    /// Their readers ended them.
    stopped: u64,
    /// They broke off.
    interrupted: u64,
    /// Their answer never began.
    failed: u64,
}

/// Who was there.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserCounts {
    /// They have sent something.
    active: u64,
    /// Guests who began and have a session.
    new_guests: u64,
    /// Accounts that were made.
    new_accounts: u64,
}

/// Exact percentiles, in milliseconds.
#[derive(Serialize, ToSchema)]
#[schema(as = Percentiles)]
pub(crate) struct PercentilesView {
    p50: u64,
    p95: u64,
    p99: u64,
}

/// How often a code was told.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CodeCount {
    #[schema(value_type = ErrorCode)]
    code: String,
    count: u64,
}

/// What one model has done; tokens by its own count, money by its price.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelCosts {
    model: String,
    answers: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    usd: f64,
}

/// What readers think of one model's answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct VotesView {
    model: String,
    up: u64,
    down: u64,
}

/// One hour.
#[derive(Serialize, ToSchema)]
pub(crate) struct HourView {
    /// When it begins.
    #[schema(format = DateTime)]
    at: String,
    messages: u64,
    /// Those whose answer broke off or never began.
    failed: u64,
    #[schema(required = true)]
    ttft_p95_ms: Option<u64>,
}

/// Today's money, in US dollars.
#[derive(Serialize, ToSchema)]
pub(crate) struct BudgetView {
    daily_usd: f64,
    spent_usd: f64,
    /// Kept free for running answers.
    held_usd: f64,
    left_usd: f64,
    #[schema(format = DateTime)]
    resets_at: String,
}

/// What is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct StorageView {
    /// Users, sessions and messages, as Postgres estimates them.
    rows: u64,
    /// Of the whole database, as they were measured last.
    bytes: u64,
    /// `STORAGE_LIMIT_MB`. `null`: there is no limit.
    #[schema(required = true)]
    limit_bytes: Option<u64>,
}

/// Whether the model is asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct BreakerView {
    /// `closed`: it is; `open`: not for a while; `probing`: one call at a time tries it.
    state: &'static str,
    /// How often it was opened.
    times_opened: u64,
}

/// Somebody who sends much.
#[derive(Serialize, ToSchema)]
pub(crate) struct BusyView {
    #[schema(format = Uuid)]
    user_id: String,
    messages: u64,
    tokens: u64,
}

/// What has happened between two moments, for admins: at most 31 days, without a wish the last 24 hours. 403 `forbidden` for all others.
#[utoipa::path(
    get, path = OVERVIEW, tag = "admin", operation_id = "read_overview",
    params(
        ("from" = Option<String>, Query, format = DateTime, description = "The beginning; without it 24 hours before `to`"),
        ("to" = Option<String>, Query, format = DateTime, description = "The end; without it now"),
    ),
    responses((status = 200, body = OverviewView), Problem)
)]
async fn read(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let moment = |name: &'static str| {
        request.query(name).map(|text| moment_in_utc(&text).ok_or_else(|| Problem::wrong_text(name))).transpose()
    };
    let to = moment("to")?.unwrap_or_else(|| app.platform.clock.now());
    let from = match moment("from")? {
        Some(from) => from,
        None => to.checked_sub(SignedDuration::from_hours(24)).map_err(|_| Problem::wrong_text("to"))?,
    };
    if from >= to || to.duration_since(from) > SignedDuration::from_hours(24 * i64::from(OVERVIEW_DAYS)) {
        return Err(Problem::wrong_text("from"));
    }
    let overview = overview::read(&app, &caller, from, to).await?;
    Ok(response::json(StatusCode::OK, &view(&app, from, to, overview)))
}

/// RFC 3339 with a `Z`. `jiff` reads every form and tells what is wrong with each, in 30 kB that nothing else here needs.
pub(crate) fn moment_in_utc(text: &str) -> Option<Timestamp> {
    let since = humantime::parse_rfc3339(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_millisecond(i64::try_from(since.as_millis()).ok()?).ok()
}

fn view(app: &App, from: Timestamp, to: Timestamp, overview: Overview) -> OverviewView {
    let Overview { figures, shared, budget } = overview;
    OverviewView {
        from: from.to_string(),
        to: to.to_string(),
        messages: MessageCounts {
            completed: figures.completed,
            stopped: figures.stopped,
            interrupted: figures.interrupted,
            failed: figures.failed,
        },
        success_rate: figures.success_rate(),
        users: UserCounts {
            active: figures.active_users,
            new_guests: figures.new_guests,
            new_accounts: figures.new_accounts,
        },
        ttft_ms: figures.first_byte.map(PercentilesView::from),
        duration_ms: figures.whole.map(PercentilesView::from),
        refusals: refusals(&shared),
        failures: figures.failures.into_iter().map(|(code, count)| CodeCount { code, count }).collect(),
        models: figures.models.into_iter().map(|of| model(app, of)).collect(),
        feedback: figures.votes.into_iter().map(votes).collect(),
        hours: figures.hours.iter().map(hour).collect(),
        budget: budget.map(BudgetView::from),
        storage: StorageView { rows: figures.rows, bytes: figures.bytes, limit_bytes: storage_limit(&app.config) },
        breaker: BreakerView { state: shared.breaker.name(), times_opened: shared.times_opened },
        busiest: figures.busiest.into_iter().map(busy).collect(),
    }
}

fn model(app: &App, of: ModelFigures) -> ModelCosts {
    let usd = dollars(overview::cost(app, &of));
    let ModelFigures { model, answers, prompt_tokens, completion_tokens } = of;
    ModelCosts { model, answers, prompt_tokens, completion_tokens, usd }
}

fn votes(ModelVotes { model, up, down }: ModelVotes) -> VotesView {
    VotesView { model, up, down }
}

fn hour(of: &HourFigures) -> HourView {
    let at = Timestamp::from_second(of.hour.saturating_mul(3_600)).unwrap_or_default().to_string();
    HourView { at, messages: of.messages, failed: of.failed, ttft_p95_ms: of.first_byte_p95 }
}

fn busy(BusyUser { user, messages, tokens }: BusyUser) -> BusyView {
    BusyView { user_id: user.to_string(), messages, tokens }
}

impl From<Percentiles> for PercentilesView {
    fn from(Percentiles { p50, p95, p99 }: Percentiles) -> Self {
        Self { p50, p95, p99 }
    }
}

impl From<Budget> for BudgetView {
    fn from(budget: Budget) -> Self {
        Self {
            daily_usd: dollars(budget.daily),
            spent_usd: dollars(budget.spent),
            held_usd: dollars(budget.held),
            left_usd: dollars(budget.left()),
            resets_at: budget.resets_at.to_string(),
        }
    }
}

/// Micro-dollars as dollars. Sums of a month are far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "sums of a month")]
fn dollars(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

/// The bytes that the database may have; `None`: no limit.
pub(crate) fn storage_limit(config: &Config) -> Option<u64> {
    Some(config.storage.database).filter(|limit| *limit > 0)
}

/// Refusals by the code that their senders were told.
pub(crate) fn refusals(shared: &SharedFigures) -> Vec<CodeCount> {
    let mut counts = BTreeMap::new();
    for (_, verdict, count) in &shared.refusals {
        *counts.entry(told(verdict).name()).or_default() += count;
    }
    counts.into_iter().map(|(code, count)| CodeCount { code: code.to_owned(), count }).collect()
}

impl CodeCount {
    pub(crate) fn parts(&self) -> (&str, u64) {
        (&self.code, self.count)
    }
}

/// The code of what `admit.lua` has said.
fn told(verdict: &str) -> ErrorCode {
    match verdict {
        "minute" | "answers" | "address" | "out" => ErrorCode::RateLimited,
        "day" => ErrorCode::QuotaExceeded,
        "budget" => ErrorCode::BudgetExhausted,
        "overloaded" => ErrorCode::Overloaded,
        "full" => ErrorCode::StorageFull,
        "challenge" => ErrorCode::ChallengeRequired,
        "paused" => ErrorCode::ProviderUnavailable,
        "continued" => ErrorCode::GenerationInProgress,
        "blocked" => ErrorCode::Blocked,
        _ => ErrorCode::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_that_the_admission_counts_has_the_code_of_its_error() {
        let script = include_str!("../../infrastructure/src/redis/scripts/admit.lua");
        let verdicts = script.split("deny('").chain(script.split("refuse('")).skip(1);
        let verdicts: Vec<&str> =
            verdicts.filter_map(|rest| rest.split_once('\'')).map(|(verdict, _)| verdict).collect();
        assert!(verdicts.len() >= 13, "{verdicts:?}");
        for verdict in verdicts.into_iter().filter(|verdict| verdict.bytes().all(|byte| byte.is_ascii_lowercase())) {
            assert_ne!(told(verdict), ErrorCode::Internal, "{verdict}");
        }
    }

    #[test]
    fn refusals_of_one_code_are_one_number() {
        let shared = SharedFigures {
            refusals: vec![(1, "minute".to_owned(), 2), (2, "out".to_owned(), 3), (2, "day".to_owned(), 4)],
            ..SharedFigures::default()
        };
        let expected = [("quota_exceeded", 4), ("rate_limited", 5)];
        assert_eq!(refusals(&shared).iter().map(CodeCount::parts).collect::<Vec<_>>(), expected);
    }
}
