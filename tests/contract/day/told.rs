//! What each of those who tell of a day says of it, in one shape.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use serde_json::Value;
use tests::{Server, stores, variable};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

type Numbers = BTreeMap<String, u64>;

/// What is counted of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages by what became of them.
    pub outcomes: Numbers,
    /// Answers that broke off or never began, by the code that was told.
    pub failures: Numbers,
    /// Messages that a limit has refused.
    pub refusals: Numbers,
    /// Messages that came to no limit: nobody's, or wrong by themselves. Only the log has them.
    pub turned_away: Numbers,
    /// Of a model's prompts, and of its answers.
    pub tokens: BTreeMap<String, (u64, u64)>,
    /// Who has sent something that was let in.
    pub active_users: u64,
}

fn add(numbers: &mut Numbers, name: &str) {
    *numbers.entry(name.to_owned()).or_default() += 1;
}

/// A list of the contract's as numbers by name.
fn by_code(list: &Value) -> Numbers {
    let count = |of: &Value| (of["code"].as_str().unwrap().to_owned(), of["count"].as_u64().unwrap());
    list.as_array().unwrap().iter().map(count).collect()
}

impl Counts {
    /// As the overview tells it.
    pub fn of_overview(overview: &Value) -> Self {
        let outcomes = overview["messages"].as_object().unwrap().iter();
        let number = |of: &Value, name: &str| of[name].as_u64().unwrap();
        let tokens = |of: &Value| (number(of, "prompt_tokens"), number(of, "completion_tokens"));
        let models = overview["models"].as_array().unwrap().iter();
        Self {
            outcomes: outcomes.map(|(name, count)| (name.clone(), count.as_u64().unwrap())).collect(),
            failures: by_code(&overview["failures"]),
            refusals: by_code(&overview["refusals"]),
            turned_away: Numbers::new(),
            tokens: models.map(|of| (of["model"].as_str().unwrap().to_owned(), tokens(of))).collect(),
            active_users: number(&overview["users"], "active"),
        }
    }
}

/// What became of an answer, by its status.
fn outcome(status: &str) -> &'static str {
    match status {
        "complete" | "truncated" | "filtered" => "completed",
        "stopped" => "stopped",
        "interrupted" => "interrupted",
        other => panic!("an answer is {other}"),
    }
}

/// What the log's lines say, and the milliseconds in them, in their order.
pub struct Log {
    pub counts: Counts,
    pub first_byte: Vec<i64>,
    pub whole: Vec<i64>,
}

impl Log {
    /// What a server has written so far.
    pub fn of(server: &Server) -> Self {
        let mut log = Self { counts: Counts::default(), first_byte: Vec::new(), whole: Vec::new() };
        let mut users = BTreeSet::new();
        for line in server.output() {
            let Ok(record) = serde_json::from_str::<Value>(&line) else { continue };
            let text = |name: &str| record[name].as_str().unwrap_or_default();
            let counts = &mut log.counts;
            match (text("event"), record["status"].as_u64().unwrap_or_default()) {
                ("stream_end", _) => {
                    add(&mut counts.outcomes, outcome(text("outcome")));
                    if text("outcome") == "interrupted" {
                        // Its sender was told within the stream.
                        add(&mut counts.failures, "provider_error");
                    }
                    let tokens = counts.tokens.entry(text("model").to_owned()).or_default();
                    let number = |name: &str| record[name].as_u64().unwrap_or_default();
                    *tokens = (tokens.0 + number("prompt_tokens"), tokens.1 + number("completion_tokens"));
                    log.first_byte.push(record["ttft_ms"].as_i64().unwrap());
                    log.whole.push(record["latency_ms"].as_i64().unwrap());
                }
                ("request", status @ 400..) if text("route").ends_with("/chat/messages") => {
                    add(
                        match status {
                            429 => &mut counts.refusals,
                            500.. => &mut counts.failures,
                            _ => &mut counts.turned_away,
                        },
                        text("code"),
                    );
                    if status < 500 {
                        continue;
                    }
                    add(&mut counts.outcomes, "failed");
                }
                _ => continue,
            }
            users.insert(text("user_id").to_owned());
        }
        log.counts.active_users = users.len() as u64;
        log.first_byte.sort_unstable();
        log.whole.sort_unstable();
        log
    }
}

/// What the rows say, one by one.
pub struct Rows {
    pub counts: Counts,
    pub first_byte: Vec<i64>,
    pub whole: Vec<i64>,
}

impl Rows {
    /// All rows there are.
    pub async fn read() -> Self {
        let statement = "select m.role, m.status, m.code, m.model, m.prompt_tokens, m.token_count, m.ttft_ms, m.duration_ms, s.user_id
            from chat_messages m join chat_sessions s on s.id = m.session_id where m.role = 'assistant' or m.status = 'failed'";
        let mut rows = Self { counts: Counts::default(), first_byte: Vec::new(), whole: Vec::new() };
        let mut users = BTreeSet::new();
        for row in stores::rows(statement, &[]).await {
            let number = |at: usize| row[at].as_ref().map(|text| text.parse::<i64>().unwrap());
            let text = |at: usize| row[at].clone().unwrap_or_default();
            let counts = &mut rows.counts;
            users.insert(text(8));
            if let Some(code) = &row[2] {
                add(&mut counts.failures, code);
            }
            if text(0) == "user" {
                add(&mut counts.outcomes, "failed");
                continue;
            }
            add(&mut counts.outcomes, outcome(&text(1)));
            let tokens = counts.tokens.entry(text(3)).or_default();
            let count = |at: usize| number(at).unwrap_or_default().unsigned_abs();
            *tokens = (tokens.0 + count(4), tokens.1 + count(5));
            rows.first_byte.extend(number(6));
            rows.whole.extend(number(7));
        }
        rows.counts.active_users = users.len() as u64;
        rows.first_byte.sort_unstable();
        rows.whole.sort_unstable();
        rows
    }
}

/// What Prometheus' own client of Python reads of `/metrics`.
#[derive(Debug)]
pub struct Samples(Vec<(String, BTreeMap<String, String>, f64)>);

impl Samples {
    /// Has a page read.
    pub async fn read(page: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/metrics.py");
        let mut python = Command::new(variable("CLIENTS_PYTHON"));
        python.args(["-I", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut python = python.spawn().expect("Python starts");
        let mut input = python.stdin.take().unwrap();
        input.write_all(page.as_bytes()).await.unwrap();
        drop(input);
        let told = python.wait_with_output().await.unwrap();
        assert!(told.status.success(), "a collector cannot read this (its words are above):\n{page}");
        let samples: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        let labels = |of: &Value| -> BTreeMap<String, String> {
            let text = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
            of.as_object().unwrap().iter().map(text).collect()
        };
        let sample = |of: &Value| (of[0].as_str().unwrap().to_owned(), labels(&of[1]), of[2].as_f64().unwrap());
        Self(samples.as_array().unwrap().iter().map(sample).collect())
    }

    /// The sample with these labels and no others.
    pub fn one(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let is_it = |of: &BTreeMap<String, String>| {
            of.len() == labels.len() && labels.iter().all(|(name, value)| of.get(*name).is_some_and(|is| is == value))
        };
        self.0.iter().find(|(known, of, _)| known == name && is_it(of)).map(|(.., value)| *value)
    }

    /// Of the last 24 hours.
    pub fn day(&self, name: &str, label: &str, value: &str) -> Option<f64> {
        self.one(name, &[("window", "24h"), (label, value)])
    }

    /// Of the last 24 hours, or of no while, by one label.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    fn by<'a>(&'a self, name: &str, label: &'a str) -> impl Iterator<Item = (String, u64)> + 'a {
        let name = name.to_owned();
        let is_of_day = |of: &BTreeMap<String, String>| of.get("window").is_none_or(|window| window == "24h");
        let found = self.0.iter().filter(move |(known, of, _)| *known == name && is_of_day(of));
        found.map(move |(_, of, value)| (of[label].clone(), *value as u64))
    }

    /// As they tell it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    pub fn counts(&self) -> Counts {
        let of_model = |model: &str, kind: &str| {
            self.one("edgewise_tokens", &[("window", "24h"), ("model", model), ("kind", kind)]).unwrap() as u64
        };
        let models: BTreeSet<String> = self.by("edgewise_tokens", "model").map(|(model, _)| model).collect();
        let tokens = |model: String| (model.clone(), (of_model(&model, "prompt"), of_model(&model, "completion")));
        Counts {
            outcomes: self.by("edgewise_messages", "outcome").collect(),
            failures: self.by("edgewise_failures", "code").collect(),
            refusals: self.by("edgewise_refusals_today", "code").collect(),
            turned_away: Numbers::new(),
            tokens: models.into_iter().map(tokens).collect(),
            active_users: self.one("edgewise_active_users", &[("window", "24h")]).unwrap() as u64,
        }
    }
}
