//! What accounts cost in the isolate: coming in by a password and by a passkey, and what is done with 10,000 messages at once. Cloudflare's free
//! plan gives a request 10 ms.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::{Algorithm, Authenticator, control, eventually, stores, tokens};
use uuid::Uuid;

use crate::inspector::Inspector;
use crate::workerd::{Inspector::Listens, Workerd, variables};
use crate::{Line, median, millis};

const ORIGIN: &str = "https://chat.example";

const MAINTENANCE_TOKEN: &str = "the token of the benchmark's own scheduler";

/// Messages that are more than one run of maintenance takes with it.
const MORE_THAN_A_RUN: &str = "25000";

/// Sign-ins that are measured, of each kind. So many may be tried from one address within a quarter of an hour.
const SIGN_INS: u32 = 20;

/// Before them: until then V8 is still compiling what is hot.
const WARM_UP: u32 = 8;

/// How many times the export and what is beside it are measured. Each has its own member.
const ROUNDS: usize = 3;

/// Messages of somebody who uses the page a lot.
const MESSAGES: &str = "10000";

/// What a sign-in may take, in milliseconds.
const SIGN_IN_BUDGET: f64 = 5.0;

/// What any request may take, in milliseconds.
const REQUEST_BUDGET: f64 = 10.0;

/// Calls of others that Cloudflare's free plan gives a request.
const CALLS: usize = 50;

/// A server with accounts, and a client of it.
struct Bench {
    server: Workerd,
    client: reqwest::Client,
}

/// Somebody with an account.
struct Member {
    token: String,
    login: Value,
}

/// All of it.
pub async fn measure() -> Vec<Line> {
    let accounts = [
        ("ACCOUNTS_ENABLED", "true"),
        ("ACCOUNTS_PEPPER", "a pepper of the benchmark, long enough"),
        ("PUBLIC_ORIGIN", ORIGIN),
        ("MAINTENANCE_TOKEN", MAINTENANCE_TOKEN),
        ("GUEST_CHALLENGE", "off"),
        ("CHAT_GUEST_IP_DAILY_QUOTA", "10000"),
    ];
    let accounts = accounts.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let server = Workerd::with(&variables().into_iter().chain(accounts).collect::<Vec<_>>(), Listens);
    server.answers().await;
    let bench = Bench { server, client: reqwest::Client::new() };
    let member = bench.signs_up().await;
    let mut inspector = Inspector::attach(&bench.server.inspector).await;

    let by_password =
        bench.sign_ins(&mut inspector, async || bench.sends("/auth/login", None, &member.login).await).await;
    let mut passkey = bench.passkey(&member.token).await;
    let wish = json!({"purpose": "login"});
    let mut by_passkey = Duration::ZERO;
    for n in 0..WARM_UP + SIGN_INS {
        let options = bench.sends("/auth/passkeys/options", None, &wish).await;
        let shown = json!({"credential": passkey.get(&options)});
        let took =
            bench.profiled(&mut inspector, async || bench.sends("/auth/passkeys/login", None, &shown).await).await;
        by_passkey += if n < WARM_UP { Duration::ZERO } else { took };
    }
    let mut lines = vec![
        within("processor time of a sign-in by a password, in the isolate", by_password, SIGN_IN_BUDGET),
        within("the same, by a passkey", by_passkey / SIGN_INS, SIGN_IN_BUDGET),
    ];
    let mut rounds = vec![bench.of_much(&mut inspector, &member).await];
    while rounds.len() < ROUNDS {
        let another = bench.signs_up().await;
        rounds.push(bench.of_much(&mut inspector, &another).await);
    }
    lines.extend(about(&rounds));
    lines.extend(bench.of_maintenance(&mut inspector).await);
    lines
}

/// What 10,000 messages cost at once.
struct Much {
    claim: Duration,
    /// Each part of the export.
    exports: Vec<Duration>,
    removal: Duration,
    /// Of the stores, by the request that makes most of them.
    calls: usize,
}

/// Each time is the median of the rounds, the export's that of its dearest part.
fn about(rounds: &[Much]) -> Vec<Line> {
    let times = |of: fn(&Much) -> Duration| median(rounds.iter().map(of).collect());
    let parts = rounds.iter().map(|round| round.exports.len()).min().unwrap_or_default();
    let part = |n: usize| median(rounds.iter().map(|round| round.exports[n]).collect());
    let calls = rounds.iter().map(|round| round.calls).max().unwrap_or_default();
    vec![
        within("the same, with the claim of a guest of 10,000 messages", times(|round| round.claim), REQUEST_BUDGET),
        within(
            &format!("the dearest of {parts} requests that export 10,000 messages"),
            (0..parts).map(part).max().unwrap_or_default(),
            REQUEST_BUDGET,
        ),
        within("removing 10,000 messages, behind the answer as well", times(|round| round.removal), REQUEST_BUDGET),
        Line::exact(
            "calls of the stores by one of these requests, at most",
            calls.to_string(),
            "at most 50",
            calls <= CALLS,
        ),
    ]
}

impl Bench {
    /// With 10,000 messages: a guest's claim, all requests of the export, and the request that removes all of it, with what runs behind its answer.
    async fn of_much(&self, inspector: &mut Inspector, member: &Member) -> Much {
        let guest = tokens::valid(Uuid::now_v7(), "guest");
        let session = self.sends("/chat/sessions", Some(&guest), &json!({})).await;
        let session = session["id"].as_str().expect("a session").to_owned();
        let fill = "insert into chat_messages (id, session_id, role, content, status)
            select (substr($1, 1, 24) || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'user', repeat('said ', 40), 'complete'
            from generate_series(1, $2::int) n";
        stores::rows(fill, &[&session, MESSAGES]).await;
        let mut calls = Vec::new();
        let since = newest().await;
        let claim =
            self.profiled(inspector, async || self.sends("/auth/login", Some(&guest), &member.login).await).await;
        calls.push(store_calls(since).await);
        let token = self.sends("/auth/login", None, &member.login).await["token"].as_str().expect("a token").to_owned();

        let (mut exports, mut path) = (Vec::new(), "/me/export".to_owned());
        loop {
            let mut last = Value::Null;
            let since = newest().await;
            let took = self
                .profiled(inspector, async || {
                    let text = self.asked(self.client.get(self.url(&path)).bearer_auth(&token)).await;
                    last = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
                })
                .await;
            exports.push(took);
            calls.push(store_calls(since).await);
            let Some(after) = last["after"].as_str() else { break };
            path = format!("/me/export?after={after}");
        }
        let since = newest().await;
        let removal = self
            .profiled(inspector, async || {
                self.asked(with_json(self.client.delete(self.url("/me")).bearer_auth(&token), &json!({}))).await;
                eventually("all is removed", || async {
                    let left = "select count(*) from chat_messages where session_id = $1::uuid";
                    let left = stores::number(left, &[&session]).await;
                    if left == 0 { Ok(()) } else { Err(left.to_string()) }
                })
                .await;
            })
            .await;
        calls.push(store_calls(since).await);
        Much { claim, exports, removal, calls: calls.into_iter().max().unwrap_or_default() }
    }

    /// A run that has more to do than it may: a user who was deleted, with 25,000 messages. Cron triggers have as much time as requests.
    async fn of_maintenance(&self, inspector: &mut Inspector) -> [Line; 2] {
        let fill = "with person as (insert into users (id, deleted_at) values ($1::uuid, now()) returning id),
                session as (insert into chat_sessions (id, user_id) select $1::uuid, id from person returning id)
            insert into chat_messages (id, session_id, role, content, status)
            select (substr($1::uuid::text, 1, 24) || lpad(n::text, 12, '0'))::uuid, session.id, 'user', repeat('said ', 40), 'complete'
            from session, generate_series(1, $2::int) n";
        stores::rows(fill, &[&Uuid::now_v7().to_string(), MORE_THAN_A_RUN]).await;
        let since = newest().await;
        let mut said = Value::Null;
        let took = self
            .profiled(inspector, async || {
                let asked = self.client.post(self.url("/admin/maintenance")).bearer_auth(MAINTENANCE_TOKEN);
                said = serde_json::from_str(&self.asked(asked).await).expect("JSON");
            })
            .await;
        let calls = store_calls(since).await;
        [
            within(&format!("a run of maintenance that removes {} messages", said["messages"]), took, REQUEST_BUDGET),
            Line::exact(
                "calls of the stores by it",
                calls.to_string(),
                "at most 50",
                calls <= CALLS && said["finished"] == json!(false),
            ),
        ]
    }

    async fn signs_up(&self) -> Member {
        let email = format!("{}@example.org", Uuid::new_v4());
        let login = json!({"email": email, "password_key": URL_SAFE_NO_PAD.encode([1; 32])});
        let made = self.sends("/auth/register", None, &login).await;
        Member { token: made["token"].as_str().expect("a token").to_owned(), login }
    }

    async fn passkey(&self, token: &str) -> Authenticator {
        let mut passkey = Authenticator::new(ORIGIN, Algorithm::Es256);
        let options = self.sends("/auth/passkeys/options", Some(token), &json!({"purpose": "add"})).await;
        let made = json!({"credential": passkey.create(&options)});
        self.sends("/me/passkeys", Some(token), &made).await;
        passkey
    }

    /// The mean of one, after some.
    async fn sign_ins<T>(&self, inspector: &mut Inspector, one: impl AsyncFn() -> T) -> Duration {
        for _ in 0..WARM_UP {
            one().await;
        }
        let all = async || {
            for _ in 0..SIGN_INS {
                one().await;
            }
        };
        self.profiled(inspector, all).await / SIGN_INS
    }

    async fn profiled<T>(&self, inspector: &mut Inspector, what: impl AsyncFnOnce() -> T) -> Duration {
        inspector.begin_profile().await;
        what().await;
        inspector.end_profile().await
    }

    async fn sends(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let asked = with_json(self.client.post(self.url(path)), body);
        let asked = if let Some(token) = token { asked.bearer_auth(token) } else { asked };
        serde_json::from_str(&self.asked(asked).await).expect("JSON")
    }

    async fn asked(&self, asked: RequestBuilder) -> String {
        let answer = asked.send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{url}: {status} {text}");
        text
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server.base)
    }
}

/// The number of the last call: what was measured before has made many that nobody has heard of here.
async fn newest() -> u64 {
    control::calls("sql", "", u64::MAX).await;
    control::newest().await
}

/// All calls of the stores since then: nobody else makes any. What looks whether all is removed asks the database by the same way, and is left out.
async fn store_calls(since: u64) -> usize {
    let of_ours = control::calls("sql", "select count(*) from chat_messages", since).await.len();
    control::calls("sql", "", since).await.len() + control::calls("redis", "", since).await.len() - of_ours
}

fn with_json(asked: RequestBuilder, body: &Value) -> RequestBuilder {
    asked.header("content-type", "application/json").body(body.to_string())
}

fn within(what: &str, took: Duration, budget: f64) -> Line {
    let took = millis(took);
    Line::timed(what, format!("{took:.2} ms"), format!("at most {budget} ms"), took <= budget)
}
