//! What all may spend, and that nobody uses it up for the others.

use std::time::Duration;

use futures::future::{Either, select};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Call, PATIENT, Reader, Server, clock, control, eventually, fresh_address, stores, tokens};
use uuid::Uuid;

/// A day of 20 cents, of which an hour has a quarter; an answer may cost 720 micro-dollars (1,000 tokens in, 100 out), and costs some 130.
const VARIABLES: [(&str, &str); 6] = [
    ("CHAT_DAILY_BUDGET_USD", "0.20"),
    ("SAMBANOVA_MODELS", "Meta-Llama-3.3-70B-Instruct=Llama@0.60/1.20"),
    ("CHAT_MAX_CONTEXT_TOKENS", "1000"),
    ("CHAT_MAX_TOKENS", "100"),
    PATIENT,
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

/// Sets what is known of all, for as long as the functions would.
pub async fn set_all(value: &Value) {
    stores::redis(&["SET", "chat:all", &value.to_string(), "EX", "90000"]).await;
}

async fn spent_this_hour() -> i64 {
    ledger().await.0["hour_spent"].as_i64().unwrap_or(0)
}

/// Nobody has spent anything yet.
pub async fn empty_ledger() {
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
    let spent = json!({"ledger": {"day": day, "spent": 160_000}});
    set_all(&spent).await;
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

/// An admin has no day of their own to use up; what all may spend ends for them, too.
#[tokio::test]
async fn an_admin_has_no_daily_limit_and_no_more_money_than_all() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let variables: Vec<_> = VARIABLES.into_iter().chain([("CHAT_DAILY_MESSAGE_QUOTA", "1")]).collect();
    let server = Server::started_with(&variables).await.reached_from(fresh_address());
    let words = costly_words().await;
    let id = Uuid::now_v7();
    send_as(&server, id, "user", &words).await.expect(200);
    send_as(&server, id, "user", &words).await.problem(429, "quota_exceeded");
    for _ in 0..2 {
        send_as(&server, id, "admin", &words).await.expect(200);
    }
    // The others have spent it.
    let day = jiff::Timestamp::now().as_second().div_euclid(86_400);
    stores::redis(&["SET", "chat:all", &json!({"ledger": {"day": day, "spent": 200_000}}).to_string()]).await;
    assert!(is_used_up(&send_as(&server, id, "admin", &words).await), "an admin spends what is not there");
    empty_ledger().await;
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
    set_all(&json!({"ledger": before})).await;
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

/// A question without a token costs what a message costs, also where its answer is cut, and is refused as a message is.
#[tokio::test]
async fn a_question_without_a_token_is_held_for_booked_and_refused_like_a_message() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let more = [("CHAT_MAX_TOKENS", "4000"), ("FEATURE_ONE_SHOT", "true")];
    let server = Server::started_with(&[&VARIABLES[..], &more].concat()).await;
    // 1,000 tokens in at 0.6 micro-dollars and 4,000 out at 1.2.
    let held_by_one = 5_400;
    let address = fresh_address();
    let here = server.reached_from(address);
    let question =
        |words: &str, stream: bool| Call::new("POST", "/api/chat").json(&json!({"prompt": words, "stream": stream}));
    let settled = || async {
        eventually("it is settled", || async {
            let (ledger, held) = ledger().await;
            if held == 0 && ledger["running"] == json!({}) { Ok(()) } else { Err(ledger.to_string()) }
        })
        .await;
        spent_this_hour().await
    };
    // Of an answer that is told whole what the model reports: 100 tokens, and the prompt.
    here.send(question(&costly_words().await, false)).await.expect(200);
    let mut before = settled().await;
    assert!((120..200).contains(&before), "{before}");

    // Of one that is cut what has come: 10,000 bytes, three a token, and what has come with the cut.
    let marker = format!("{}.longer;", Uuid::new_v4());
    let long = json!({"chunks": 4_000, "chunk_text": format!("{} ", "abc".repeat(33)), "pace_ms": 10});
    control::scenario(&marker, &long).await;
    for stream in [false, true] {
        let asking = question(&format!("tell {marker}"), stream);
        let reading = async {
            let mut reader = Reader::of(server.base(), &asking).await;
            reader.read_to_end().await;
            reader
        };
        let held = eventually("its cost is held", || async {
            let held = ledger().await.1;
            if held > 0 { Ok(held) } else { Err(held.to_string()) }
        });
        let (reader, held) = futures::future::join(reading, held).await;
        assert_eq!(held, held_by_one);
        let text = String::from_utf8_lossy(&reader.body).into_owned();
        assert!(text.contains(r#""truncated":true"#), "{text}");
        let spent = settled().await;
        assert!((4_000..=held_by_one).contains(&(spent - before)), "{}, stream: {stream}", spent - before);
        before = spent;
    }

    // Nothing is left of the hour that an answer could be held from.
    let now = jiff::Timestamp::now().as_second();
    let (hour, day) = (now.div_euclid(3_600), now.div_euclid(86_400));
    let used_up = json!({"day": day, "hour": hour, "spent": HOUR, "hour_spent": HOUR - held_by_one + 1});
    set_all(&json!({"ledger": used_up})).await;
    let asked = control::calls("model", &marker, 0).await.len();
    for stream in [false, true] {
        assert!(is_used_up(&here.send(question(&format!("tell {marker}"), stream)).await), "stream: {stream}");
    }
    assert_eq!((control::calls("model", &marker, 0).await.len(), ledger().await.1), (asked, 0));
    // Nor have they used the address' minute. The server that has refused them remembers it.
    empty_ledger().await;
    let other = Server::started_with(&[&VARIABLES[..], &more].concat()).await.reached_from(address);
    let again = other.send(question(&costly_words().await, false)).await.expect(200);
    assert_eq!(again.number("x-ratelimit-remaining"), 3);
}
