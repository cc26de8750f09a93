//! A day of many guests and known faults, on stores that nobody else uses: the overview, `/metrics`, `/status` and the log say what happened, and all the same.
//!
//! It has `DAY_MESSAGES` messages; a collector's own library reads `/metrics`.

mod told;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Call, PATIENT, Reader, Server, World, control, optional_variable, tokens, within};
use uuid::Uuid;

use self::told::{Counts, Log, Rows, Samples};
use crate::accounts::METRICS_TOKEN;
use crate::figures::percentile;

/// Messages that are let in, unless `DAY_MESSAGES` says otherwise: two rounds of all scenes and what fills two limits.
const MESSAGES: usize = 300;

/// What a guest may send a day, and anybody a minute: admins have no day.
const PER_DAY: usize = 12;
const PER_MINUTE: usize = 20;

/// Of each that is used up so many more are tried: fewer than shut somebody out.
const BEYOND: usize = 5;

/// The models, with the dollars of a million tokens.
const MODELS: [(&str, u64, u64); 2] = [("test-day-first", 600_000, 1_200_000), ("test-day-second", 220_000, 590_000)];

/// What the model does with a message, and what becomes of that.
struct Scene {
    name: &'static str,
    /// Of forty messages.
    weight: usize,
    scenario: Value,
    outcome: &'static str,
    /// What its sender is told.
    code: Option<&'static str>,
    /// What the model itself says instead, in its stream, which is handed on as it comes.
    by_model: Option<&'static str>,
}

fn scenes() -> Vec<Scene> {
    let whole = |name, weight, delay: u64, chunks: usize| Scene {
        name,
        weight,
        scenario: json!({"chunks": chunks, "chunk_text": "w{i} ", "pace_ms": 1, "usage": true, "first_byte_delay_ms": delay}),
        outcome: "completed",
        code: None,
        by_model: None,
    };
    let broken = |name, scenario, outcome, code| Scene { name, weight: 1, scenario, outcome, code, by_model: None };
    let provider = Some("provider_error");
    vec![
        whole("at-once", 8, 0, 3),
        whole("after-15", 6, 15, 6),
        whole("after-40", 6, 40, 10),
        whole("after-90", 6, 90, 4),
        whole("after-180", 3, 180, 12),
        whole("after-400", 3, 400, 5),
        whole("after-700", 1, 700, 3),
        broken("long", json!({"chunks": 8, "pace_ms": 0, "usage": true, "finish": "length"}), "completed", None),
        broken("left", json!({"chunks": 9, "pace_ms": 0, "hang_at": 3}), "stopped", None),
        broken("cut", json!({"chunks": 9, "pace_ms": 0, "close_at": 3}), "interrupted", provider),
        Scene {
            by_model: Some("internal_server_error"),
            ..broken("fails", json!({"chunks": 9, "pace_ms": 0, "error_at": 4}), "interrupted", provider)
        },
        // With a wish that is not waited for; without one it is asked three times.
        broken("busy", refusal(429, "queue_full", Some(60)), "failed", Some("provider_rate_limited")),
        broken("down", refusal(500, "internal_error", None), "failed", provider),
        broken("wrong", refusal(401, "invalid_api_key", None), "failed", provider),
    ]
}

fn refusal(status: u16, code: &str, retry_after: Option<u64>) -> Value {
    json!({"error": {"status": status, "code": code, "retry_after": retry_after}})
}

impl Scene {
    fn text(&self) -> String {
        format!("Something of the day scene.{};", self.name)
    }

    /// How long the model waits at least.
    fn delay(&self) -> i64 {
        self.scenario["first_byte_delay_ms"].as_i64().unwrap_or(0)
    }

    fn has_begun(&self) -> bool {
        self.outcome != "failed"
    }
}

/// Somebody who writes, always to the same model.
struct Guest {
    token: String,
    model: &'static str,
}

impl Guest {
    fn new(number: usize, role: &str) -> Self {
        Self { token: tokens::valid(Uuid::now_v7(), role), model: MODELS[number % MODELS.len()].0 }
    }

    fn call(&self, text: &str, streams: bool) -> Call {
        let body = json!({"content": text, "stream": streams, "model": self.model});
        Call::new("POST", "/api/v1/chat/messages").token(&self.token).json(&body)
    }

    /// Sends a message and checks that its scene was played. Gives the tokens of the prompt and of the answer, where the model has told them.
    async fn says(&self, server: &Server, scene: &Scene, streams: bool) -> Option<(u64, u64)> {
        if scene.outcome == "stopped" {
            let mut reader = Reader::of(server.base(), &self.call(&scene.text(), true)).await;
            assert!(reader.status == 200 && reader.read_chunks(3).await, "{}: {}", scene.name, reader.said());
            return None;
        }
        let streams = streams || scene.outcome == "interrupted";
        let answer = server.send(self.call(&scene.text(), streams)).await;
        if !scene.has_begun() {
            assert_eq!(answer.any_problem()["code"].as_str(), scene.code, "{}", scene.name);
            return None;
        }
        let answer = answer.expect(200);
        let events: Vec<Value> = match streams {
            true => answer
                .text()
                .lines()
                .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
                .collect(),
            false => vec![answer.json()],
        };
        let code = events.iter().find_map(|event| event["error"]["code"].as_str());
        assert_eq!(code, scene.by_model.or(scene.code), "{}: {}", scene.name, answer.shown());
        let usage = events.iter().map(|event| &event["usage"]).find(|usage| usage.is_object());
        assert_eq!(usage.is_some(), scene.outcome == "completed", "{}: {}", scene.name, answer.shown());
        Some((usage?["prompt_tokens"].as_u64()?, usage?["completion_tokens"].as_u64()?))
    }
}

/// What the test knows of the day.
#[derive(Default)]
struct Known {
    counts: Counts,
    /// Of each answer that began, how long its model has waited at least.
    delays: Vec<i64>,
}

impl Known {
    fn add(&mut self, scene: &Scene, model: &str, usage: Option<(u64, u64)>) {
        *self.counts.outcomes.entry(scene.outcome.to_owned()).or_default() += 1;
        if let Some(code) = scene.code {
            *self.counts.failures.entry(code.to_owned()).or_default() += 1;
        }
        if scene.has_begun() {
            self.delays.push(scene.delay());
            let (prompt, completion) = usage.unwrap_or_default();
            let of = self.counts.tokens.entry(model.to_owned()).or_default();
            *of = (of.0 + prompt, of.1 + completion);
        }
    }
}

/// All that is said in the day, with the refusals in between.
async fn live(server: &Server, messages: usize) -> Known {
    let mut known = Known::default();
    let scenes = scenes();
    for scene in &scenes {
        control::scenario(&format!("scene.{};", scene.name), &scene.scenario).await;
    }

    // Somebody of each limit uses it up at once, and is refused then; others do not even come so far.
    for (role, limit, code) in [("guest", PER_DAY, "quota_exceeded"), ("admin", PER_MINUTE, "rate_limited")] {
        let greedy = Guest::new(0, role);
        let all = join_all((0..limit).map(|_| greedy.says(server, &scenes[0], false))).await;
        all.into_iter().for_each(|usage| known.add(&scenes[0], greedy.model, usage));
        for _ in 0..BEYOND {
            server.send(greedy.call(&scenes[0].text(), false)).await.problem(429, code);
        }
        known.counts.refusals.insert(code.to_owned(), BEYOND as u64);
        known.counts.active_users += 1;
    }
    let nobody = Call::new("POST", "/api/v1/chat/messages").json(&json!({"content": scenes[0].text()}));
    let wordy = Guest::new(0, "guest").call(&"w".repeat(4_001), false);
    for (call, code) in [(nobody, "unauthenticated"), (wordy, "message_too_long")] {
        for _ in 0..BEYOND {
            let told = server.send(call.clone()).await.any_problem();
            assert_eq!(told["code"], code);
        }
        known.counts.turned_away.insert(code.to_owned(), BEYOND as u64);
    }

    let cards: Vec<&Scene> = scenes.iter().flat_map(|scene| std::iter::repeat_n(scene, scene.weight)).collect();
    assert_eq!(cards.len(), 40, "as the weights say");
    // Mixed, and each of the forty in turn: 7 has no divisor in common with 40.
    let numbers: Vec<usize> = (0..messages.saturating_sub(PER_DAY + PER_MINUTE)).collect();
    let guests = numbers.chunks(PER_DAY).enumerate().map(|(number, numbers)| {
        let (guest, cards) = (Guest::new(number, "guest"), &cards);
        async move {
            let mut said = Vec::new();
            for at in numbers {
                let scene = cards[at * 7 % cards.len()];
                said.push((scene, guest.model, guest.says(server, scene, at / cards.len() % 2 == 0).await));
            }
            said
        }
    });
    let said: Vec<_> = futures::stream::iter(guests).buffer_unordered(at_once(messages)).collect().await;
    known.counts.active_users += said.len() as u64;
    for (scene, model, usage) in said.into_iter().flatten() {
        known.add(scene, model, usage);
    }
    known
}

/// How many guests write side by side: a run among other tests leaves these their time.
fn at_once(messages: usize) -> usize {
    if messages > MESSAGES { 24 } else { 8 }
}

#[tokio::test]
async fn a_day_of_known_faults_is_told_alike_by_overview_metrics_status_and_log() {
    let messages = optional_variable("DAY_MESSAGES").map_or(MESSAGES, |told| told.parse().expect("a number"));
    let models = MODELS.map(|(id, input, output)| {
        format!("{id}@0.{:02}/{}.{:02}", input / 10_000, output / 1_000_000, output % 1_000_000 / 10_000)
    });
    let world = World::started_with(&[
        ("METRICS_TOKEN", METRICS_TOKEN),
        ("STATUS_PUBLIC", "true"),
        ("ACCOUNTS_ENABLED", "true"),
        ("ACCOUNTS_PEPPER", "the pepper of the contract's tests"),
        ("SAMBANOVA_MODELS", &models.join(",")),
        ("SAMBANOVA_MODEL", ""),
        ("CHAT_MODEL_CHOICE", "true"),
        ("CHAT_DAILY_BUDGET_USD", "1000"),
        ("CHAT_DAILY_MESSAGE_QUOTA", &PER_DAY.to_string()),
        ("CHAT_RATE_LIMIT_PER_MINUTE", &PER_MINUTE.to_string()),
        ("CHAT_MAX_CONCURRENT_STREAMS", "100"),
        PATIENT,
    ])
    .await;
    world.holds(day(world.server(), messages)).await;
}

/// What each of those who tell of the day has said.
struct All {
    log: Log,
    rows: Rows,
    overview: Value,
    metrics: Samples,
    status: Value,
}

async fn day(server: &Server, messages: usize) {
    // What is refused is counted by day.
    let tomorrow = SignedDuration::from_secs(86_400 - Timestamp::now().as_second() % 86_400);
    if tomorrow < SignedDuration::from_mins(2) {
        tokio::time::sleep(tomorrow.unsigned_abs() + Duration::from_secs(1)).await;
    }
    let began = Instant::now();
    let Known { counts, mut delays } = live(server, messages).await;
    let lived = began.elapsed();
    assert_eq!(counts.outcomes.values().sum::<u64>(), messages as u64, "all were let in");

    // The last line of an answer comes when all of it is stored and settled.
    let log = within(
        || Duration::from_secs(30),
        || async {
            let log = Log::of(server);
            if log.counts == counts { Ok(log) } else { Err(format!("{:?}\nand not {counts:?}", log.counts)) }
        },
    )
    .await
    .unwrap_or_else(|reason| panic!("the log says {reason}"));
    let rows = Rows::read().await;
    // `/metrics` first: it is what all are told for a minute.
    let metrics = server.send(Call::new("GET", "/metrics").token(METRICS_TOKEN)).await.expect(200).text();
    let metrics = Samples::read(&metrics).await;
    let status = server.send(Call::new("GET", "/api/v1/status")).await.expect(200).json();
    let to: Timestamp = status["at"].as_str().unwrap().parse().unwrap();
    let from = to - SignedDuration::from_hours(24);
    let call = Call::new("GET", format!("/api/v1/admin/overview?from={from}&to={to}"));
    let overview = server.send(call.token(&Guest::new(0, "admin").token)).await.expect(200).json();
    let all = All { log, rows, overview, metrics, status };

    // What has not come to a limit is no refusal, and what was refused is in no row.
    let counted = Counts { turned_away: BTreeMap::new(), ..counts.clone() };
    let stored = Counts { refusals: BTreeMap::new(), ..counted.clone() };
    assert_eq!(all.rows.counts, stored, "the rows");
    assert_eq!(Counts::of_overview(&all.overview), counted, "the overview: {}", all.overview);
    assert_eq!(all.metrics.counts(), counted, "the metrics: {:?}", all.metrics);
    delays.sort_unstable();
    all.check_percentiles(&delays);
    all.check_money(&counts);
    all.check_rates(&counts, messages);
    all.check_parts(&counts, delays.len(), messages);
    assert_eq!(Log::of(server).counts, counts, "nothing was told later");
    println!("{messages} messages in {:.1} s: {counts:?}", lived.as_secs_f64());
}

impl All {
    /// By every row, and against what the models have waited at least.
    fn check_percentiles(&self, delays: &[i64]) {
        let Self { log, rows, overview, metrics, status } = self;
        assert_eq!((&log.first_byte, &log.whole), (&rows.first_byte, &rows.whole), "the log and the rows");
        for (name, gauge, numbers) in [
            ("ttft_ms", "edgewise_first_byte_seconds", &rows.first_byte),
            ("duration_ms", "edgewise_answer_seconds", &rows.whole),
        ] {
            assert_eq!(numbers.len(), delays.len(), "{name} of each answer that began");
            for (name_of_part, field, part) in [("50", "p50", 0.5), ("95", "p95", 0.95), ("99", "p99", 0.99)] {
                let (exact, least) = (percentile(numbers, part), percentile(delays, part));
                assert!(exact + 1.0 >= least, "{name} {field} is {exact}, and the model has waited {least}");
                let gauge = metrics.day(gauge, "percentile", name_of_part).map(|seconds| seconds * 1_000.0);
                let mut told = vec![overview[name][field].as_f64(), gauge];
                // Everybody is told these two.
                if name == "ttft_ms" && field != "p99" {
                    told.push(status[name][field].as_f64());
                }
                let is_exact = |told: &Option<f64>| told.is_some_and(|told| (told - exact).abs() <= 1.0);
                assert!(told.iter().all(is_exact), "{name} {field}: {told:?}, and {exact}");
                println!("{name} {field}: {exact} by the rows, told {told:?}");
            }
        }
    }

    /// What tokens cost by the models' prices, to the millionth of a dollar.
    fn check_money(&self, counts: &Counts) {
        let mut sum = 0.0;
        for (id, input, output) in MODELS {
            let (prompt, completion) = counts.tokens[id];
            let dollars = count((prompt * input + completion * output).div_ceil(1_000_000)) / 1e6;
            let of = self.overview["models"].as_array().unwrap().iter().find(|of| of["model"] == id).unwrap();
            for told in [of["usd"].as_f64(), self.metrics.day("edgewise_cost_usd", "model", id)] {
                assert!(told.is_some_and(|told| (told - dollars).abs() < 1e-9), "{id} costs {dollars}: {told:?}");
            }
            sum += dollars;
        }
        let budget = &self.overview["budget"];
        let parts = [("daily", "daily_usd"), ("spent", "spent_usd"), ("held", "held_usd"), ("left", "left_usd")];
        for (part, field) in parts {
            assert_eq!(self.metrics.one("edgewise_budget_usd", &[("part", part)]), budget[field].as_f64(), "{budget}");
        }
        // What was stopped or broke off is estimated there, and each message rounded up.
        assert!(
            budget["spent_usd"].as_f64().unwrap() >= sum && budget["held_usd"] == 0.0,
            "{sum} by the rows: {budget}"
        );
    }

    /// What part was answered, and what everybody is told of this moment.
    fn check_rates(&self, counts: &Counts, messages: usize) {
        let rate = count(counts.outcomes["completed"] + counts.outcomes["stopped"]) / count(messages as u64);
        for told in [&self.status, &self.overview] {
            assert!((told["success_rate"].as_f64().unwrap() - rate).abs() < 1e-9, "{rate}: {told}");
        }
        let lately =
            |outcome| self.metrics.one("edgewise_messages", &[("window", "5m"), ("outcome", outcome)]).unwrap();
        let (well, wrong) = (lately("completed") + lately("stopped"), lately("interrupted") + lately("failed"));
        let expected = if well < wrong * 9.0 { "degraded" } else { "ok" };
        assert_eq!(self.status["now"], expected, "{well} well, {wrong} wrong");
    }

    /// What only the overview tells.
    fn check_parts(&self, counts: &Counts, begun: usize, messages: usize) {
        let sum = |list: &str, field: &str| -> u64 {
            self.overview[list].as_array().unwrap().iter().map(|of| of[field].as_u64().unwrap()).sum()
        };
        assert_eq!(sum("models", "answers"), begun as u64, "{}", self.overview);
        let failed = counts.failures.values().sum();
        assert_eq!((sum("hours", "messages"), sum("hours", "failed")), (messages as u64, failed), "{}", self.overview);
        // The admin is one by a token alone, and no account.
        let users = json!({"active": counts.active_users, "new_guests": counts.active_users, "new_accounts": 0});
        assert_eq!(self.overview["users"], users);
        let busiest = self.overview["busiest"].as_array().unwrap().iter().map(|of| of["messages"].as_u64().unwrap());
        let most = std::iter::once(PER_MINUTE as u64).chain(std::iter::repeat(PER_DAY as u64)).take(10);
        assert!(busiest.eq(most), "{}", self.overview);
    }
}

#[expect(clippy::cast_precision_loss, reason = "sums of a day")]
fn count(of: u64) -> f64 {
    of as f64
}
