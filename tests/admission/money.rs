//! What all may spend, and that nobody uses it up for the others.

use std::time::Duration;

use futures::future::{Either, select};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Call, Reader, Server, clock, control, eventually, fresh_address, stores, tokens};
use uuid::Uuid;

/// A day of 20 cents, of which an hour has a quarter; an answer may cost 720 micro-dollars (1,000 tokens in, 100 out), and costs some 130.
const VARIABLES: [(&str, &str); 6] = [
    ("CHAT_DAILY_BUDGET_USD", "0.20"),
    ("SAMBANOVA_MODELS", "Meta-Llama-3.3-70B-Instruct=Llama@0.60/1.20"),
    ("CHAT_MAX_CONTEXT_TOKENS", "1000"),
    ("CHAT_MAX_TOKENS", "100"),
    ("REDIS_TIMEOUT_MS", "30000"),
    ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
];

/// What an hour has, in micro-dollars.
const HOUR: i64 = 50_000;

/// What an answer may cost.
const HELD: i64 = 720;

/// The ledger of all; the sum that is held in it.
async fn ledger() -> (Value, i64) {
    let text = stores::redis(&["GET", "chat:all"]).await;
    let all: Value = text.as_str().map_or(Value::Null, |text| serde_json::from_str(text).expect("JSON"));
    let held = all["ledger"]["held"].as_object().map_or(0, |held| held.values().filter_map(Value::as_i64).sum());
    (all["ledger"].clone(), held)
}

async fn spent_this_hour() -> i64 {
    ledger().await.0["hour_spent"].as_i64().unwrap_or(0)
}

/// Nobody has spent anything yet.
async fn empty_ledger() {
    stores::redis(&["DEL", "chat:all"]).await;
}

/// A message of a guest or an account that nobody has seen before.
async fn send_as_new(server: &Server, role: &str, words: &str) -> (Uuid, Answer) {
    let id = Uuid::now_v7();
    (id, send_as(server, id, role, words).await)
}

async fn send_as(server: &Server, id: Uuid, role: &str, words: &str) -> Answer {
    let body = json!({"content": words, "stream": false});
    server.send(Call::new("POST", "/api/v1/chat/messages").token(&tokens::valid(id, role)).json(&body)).await
}

/// A text that the model answers with 100 tokens.
async fn costly_words() -> String {
    let marker = format!("{}.costly;", Uuid::new_v4());
    control::scenario(&marker, &json!({"chunks": 4, "chunk_text": "w{i} ", "tokens_per_chunk": 25, "usage": true}))
        .await;
    format!("tell me {marker}")
}

fn is_used_up(answer: &Answer) -> bool {
    match answer.status {
        200 => false,
        _ => {
            let error = answer.problem(503, "budget_exhausted");
            assert!(error["reset_at"].is_string(), "{error}");
            answer.number("retry-after");
            true
        }
    }
}

#[tokio::test]
async fn of_2000_guests_from_500_addresses_none_spends_more_than_the_budget() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server = Server::started_with(&VARIABLES).await;
    let words = costly_words().await;
    send_as_new(&server.reached_from(fresh_address()), "guest", &words).await.1.expect(200);
    let cost = eventually("the first is settled", || async {
        let (ledger, held) = ledger().await;
        let spent = ledger["hour_spent"].as_i64().unwrap_or(0);
        if held == 0 && spent > 0 { Ok(spent) } else { Err(ledger.to_string()) }
    })
    .await;
    let addresses: Vec<Server> = (0..500).map(|_| server.reached_from(fresh_address())).collect();
    let watched = async {
        loop {
            let (ledger, held) = ledger().await;
            let spent = ledger["hour_spent"].as_i64().unwrap_or(0);
            assert!(spent + held <= HOUR, "{spent} spent and {held} held");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let sent = async {
        let calls = (0..2000).map(|number| send_as_new(&addresses[number % 500], "guest", &words));
        stream::iter(calls).buffer_unordered(40).collect::<Vec<_>>().await
    };
    let answers = match select(std::pin::pin!(watched), std::pin::pin!(sent)).await {
        Either::Left((never, _)) => never,
        Either::Right((answers, _)) => answers,
    };
    let mut refused = Vec::new();
    for (id, answer) in &answers {
        match answer.status {
            200 => {}
            _ if answer.any_problem()["code"] == "overloaded" => refused.push(*id),
            _ => {
                assert!(is_used_up(answer));
                refused.push(*id);
            }
        }
    }
    let admitted = answers.len() - refused.len();
    assert!(admitted >= 100 && refused.len() >= 100, "{admitted} admitted, {} refused", refused.len());
    for id in refused.iter().step_by(refused.len() / 20) {
        assert_eq!(stores::user(&id.to_string()).await["used"].as_i64().unwrap_or(0), 0, "{id} has paid");
    }
    eventually("everything is settled", || async {
        let (ledger, held) = ledger().await;
        if held == 0 && ledger["running"] == json!({}) { Ok(()) } else { Err(ledger.to_string()) }
    })
    .await;
    let spent = spent_this_hour().await;
    assert!(spent <= HOUR);
    assert_eq!(spent, cost * (1 + i64::try_from(admitted).unwrap()), "what was spent is what the model has told");
}

#[tokio::test]
async fn four_fifths_of_the_day_are_told_once_and_a_model_without_a_price_each_time() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let unpriced = ("SAMBANOVA_MODELS", "Meta-Llama-3.3-70B-Instruct=Llama,gpt-oss-120b@0.60/1.20");
    let server = Server::started_with(&VARIABLES.map(|one| if one.0 == unpriced.0 { unpriced } else { one })).await;
    let words = costly_words().await;
    let day = jiff::Timestamp::now().as_second().div_euclid(86_400);
    let send = || async { send_as_new(&server.reached_from(fresh_address()), "guest", &words).await.1.expect(200) };
    let events_of = |event: &str| {
        let event = format!("\"event\":\"{event}\"");
        server.output().iter().filter(|line| line.contains(&event)).count()
    };
    let events = || events_of("budget_low");
    send().await;
    assert_eq!(events(), 0);
    // The hours before have spent it.
    let spent = json!({"ledger": {"day": day, "spent": 160_000}}).to_string();
    stores::redis(&["SET", "chat:all", &spent]).await;
    send().await;
    send().await;
    eventually("the event", || async { if events() == 1 { Ok(()) } else { Err(events().to_string()) } }).await;
    assert_eq!(events_of("price_unknown"), 3);
}

#[tokio::test]
async fn one_address_and_one_account_leave_the_hour_to_the_others() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server = Server::started_with(&VARIABLES).await;
    let words = costly_words().await;
    let greedy = server.reached_from(fresh_address());
    let mut answers = 0;
    while !is_used_up(&send_as_new(&greedy, "guest", &words).await.1) {
        answers += 1;
        assert!(answers < 1000, "nobody stops the address");
    }
    let spent = spent_this_hour().await;
    assert!(spent <= HOUR / 2 + HELD, "{spent} of {HOUR}");
    // An account comes from anywhere and has a tenth.
    let account = Uuid::now_v7();
    let mut answers = 0;
    while !is_used_up(&send_as(&server.reached_from(fresh_address()), account, "user", &words).await) {
        answers += 1;
        assert!(answers < 1000, "nobody stops the account");
    }
    assert!(spent_this_hour().await - spent <= HOUR / 10 + HELD);
    let other = server.reached_from(fresh_address());
    assert!(!is_used_up(&send_as_new(&other, "guest", &words).await.1), "the others are shut out");
}

/// A model call that is lost may have been read: it is booked beside the one that is made for it, and none is made that the reservation does not cover.
#[tokio::test]
async fn calls_that_are_lost_cost_their_prompt_and_stay_within_what_is_held() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server = Server::started_with(&VARIABLES).await;
    let words = costly_words().await;
    let marker = words.split_whitespace().last().unwrap();
    let calls = || async { control::calls("model", marker, 0).await.len() };
    let send = |text: String| {
        let server = server.reached_from(fresh_address());
        async move { send_as_new(&server, "guest", &text).await.1 }
    };
    // A short prompt, lost twice: some 20 tokens each time, at 0.6 micro-dollars.
    let fault = control::fault("model", marker, json!({"refuse": true}), Some(2)).await;
    send(words.clone()).await.expect(200);
    assert_eq!((fault.lift().await, calls().await), (2, 3));
    let once = (words.len() as f64 / 3.0).ceil() * 0.6;
    let spent = spent_this_hour().await as f64;
    assert!((spent - 130.0 - 2.0 * once).abs() < 30.0, "{spent}: 2 times {once} and an answer");
    // A prompt as long as may be: with what it may have cost once there is no room for another call.
    let long = format!("{} {words}", "abc".repeat(900));
    let fault = control::fault("model", marker, json!({"refuse": true}), None).await;
    send(long).await.problem(502, "provider_error");
    assert_eq!((fault.lift().await, calls().await), (1, 4));
    let more = spent_this_hour().await as f64 - spent;
    assert!((540.0..=HELD as f64).contains(&more), "{more}");
    assert_eq!(ledger().await.1, 0);
}

/// Reasoning is billed and no part of the answer: who leaves before the first word has spent it all the same.
#[tokio::test]
async fn reasoning_that_breaks_off_before_a_word_is_booked() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server = Server::started_with(&VARIABLES).await;
    let marker = format!("{}.thinks;", Uuid::new_v4());
    // 300 tokens in one chunk: more than a count of chunks would tell.
    let chunk = json!({"choices": [{"index": 0, "delta": {"reasoning": "abc".repeat(300), "content": null}}]});
    control::scenario(&marker, &json!({"raw": format!("data: {chunk}\n\n")})).await;
    let answer = send_as_new(&server.reached_from(fresh_address()), "guest", &format!("think {marker}")).await.1;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let spent = spent_this_hour().await;
    assert!((360..HELD).contains(&spent), "{spent}: 300 tokens at 1.2 micro-dollars, and the prompt");
    empty_ledger().await;
}

/// What is read late is booked where it expired, so that a quiet night costs the morning nothing.
#[tokio::test]
async fn what_was_held_in_an_hour_that_is_over_costs_none_after_it() {
    let _clock = clock::still_and_alone().await;
    let server = Server::started_with(&VARIABLES).await;
    let words = costly_words().await;
    let now = jiff::Timestamp::now().as_second();
    let (then, day) = (now - 2 * 3_600, now.div_euclid(86_400));
    let slot = (then / 30).to_string();
    let before = json!({
        "day": then.div_euclid(86_400), "hour": then / 3_600, "spent": 0, "hour_spent": 0,
        "held": {slot.as_str(): 40_000}, "running": {slot.as_str(): 56},
    });
    stores::redis(&["SET", "chat:all", &json!({"ledger": before}).to_string()]).await;
    send_as_new(&server.reached_from(fresh_address()), "guest", &words).await.1.expect(200);
    let (ledger, held) = ledger().await;
    assert!(ledger["hour_spent"].as_i64().unwrap() <= HELD && held <= HELD, "{ledger}");
    let of_the_day = if then.div_euclid(86_400) == day { 40_000 } else { 0 };
    assert!((of_the_day..=of_the_day + HELD).contains(&ledger["spent"].as_i64().unwrap()), "{ledger}");
    empty_ledger().await;
}

#[tokio::test]
async fn what_a_dead_instance_has_held_is_taken_for_spent() {
    let clock = MovedClock::take().await;
    empty_ledger().await;
    let (mortal, alive) = (Server::started_with(&VARIABLES).await, Server::started_with(&VARIABLES).await);
    // Nobody a test must clean up behind: the row reads as interrupted once it is dead.
    let marker = format!("{}.endless;", Uuid::new_v4());
    control::scenario(&marker, &json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 100})).await;
    let token = tokens::valid(Uuid::now_v7(), "guest");
    let body = json!({"content": format!("go on {marker}")});
    let mut reader = Reader::open(mortal.base(), "/api/v1/chat/messages", &token, &body).await;
    assert!(reader.read_chunks(1).await);
    let (before, held) = ledger().await;
    assert_eq!(held, HELD);
    mortal.kill();
    clock.set(Duration::from_secs(400)).await;
    let words = costly_words().await;
    send_as_new(&alive, "guest", &words).await.1.expect(200);
    let (after, _) = ledger().await;
    let known = if after["day"] == before["day"] { before["spent"].as_i64().unwrap_or(0) } else { 0 };
    let spent = after["spent"].as_i64().unwrap() - known;
    assert!(spent >= HELD, "{spent}: {after}");
    eventually("nothing is held any more", || async {
        let (ledger, held) = ledger().await;
        if held == 0 && ledger["running"] == json!({}) { Ok(()) } else { Err(ledger.to_string()) }
    })
    .await;
}
