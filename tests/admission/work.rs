//! Who comes in great number from one address works for it, and only for as much as an address can have.

use futures::future::join_all;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tests::{Answer, Call, Server, Visitor, clock, fresh_address, proof, tokens};
use uuid::Uuid;

use crate::money::empty_ledger;

const WORK: (&str, &str) = ("GUEST_CHALLENGE", "work");

fn guest() -> Call {
    Call::new("POST", "/api/v1/auth/guest")
}

fn with(call: Call, proof: &str) -> Call {
    call.header("x-proof-of-work", proof)
}

#[tokio::test]
async fn the_first_guests_of_an_address_are_free_and_the_others_are_worked_for() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[WORK, ("CHAT_GUEST_IP_DAILY_QUOTA", "2")]).await;
    let (here, there) = (server.reached_from(fresh_address()), server.reached_from(fresh_address()));
    for server in [&here, &there] {
        for _ in 0..3 {
            server.send(guest()).await.expect(201);
        }
    }
    let refused = here.send(guest()).await;
    let error = refused.problem(401, "challenge_required");
    assert_eq!(refused.header("www-authenticate"), "EdgewiseWork");
    assert_eq!(error["bits"], 20, "beyond the number of a day each costs the most");
    assert!(error["challenge"].as_str().unwrap().len() <= 512);

    let proof = proof::solve(&error).await;
    // It is another address' work.
    there.send(with(guest(), &proof)).await.problem(401, "challenge_required");
    here.send(with(guest(), &proof)).await.expect(201);
    // It counts once.
    here.send(with(guest(), &proof)).await.problem(401, "challenge_required");
    let altered = proof.replacen(".20.", ".12.", 1);
    assert_ne!(altered, proof);
    for wrong in ["", "x", "...", &altered, &format!("{}.x", error["challenge"].as_str().unwrap()), &"9".repeat(4000)] {
        here.send(with(guest(), wrong)).await.problem(401, "challenge_required");
    }
}

#[tokio::test]
async fn the_messages_of_an_address_guests_are_worked_for_and_end() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[WORK, ("CHAT_ADDRESS_DAILY_MESSAGES", "2")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    let body = serde_json::json!({"content": visitor.text("hello"), "stream": false});
    let send = |visitor: &Visitor, key: &str, proof: Option<&str>| {
        let call = visitor.asks("POST", "/chat/messages", Some(&body)).header("idempotency-key", key);
        let call = proof.map_or(call.clone(), |proof| with(call.clone(), proof));
        let server = here.clone();
        async move { server.send(call).await }
    };
    send(&visitor, "1", None).await.expect(200);
    send(&visitor, "2", None).await.expect(200);
    let refused = send(&visitor, "3", None).await;
    let error: Value = refused.problem(401, "challenge_required");
    assert_eq!(error["bits"], 18);
    refused.check_quota_headers();
    assert_eq!(visitor.used_today().await, 2, "who was asked for work has paid nothing");
    let proof = proof::solve(&error).await;
    let answer = send(&visitor, "3", Some(&proof)).await.expect(200);
    // The answer is there; nothing is asked for it once more.
    let again = send(&visitor, "3", None).await.expect(200);
    assert_eq!(again.json()["message"]["id"], answer.json()["message"]["id"]);
    send(&visitor, "4", Some(&proof)).await.problem(401, "challenge_required");
    assert_eq!(visitor.used_today().await, 3);

    // Others of the address work, too; an account has a count of its own, and so has another address.
    let other = Visitor::of(&here, "guest").await;
    other.send(None, &other.text("hello")).await.problem(401, "challenge_required");
    let account = Visitor::of(&here, "user").await;
    account.send(None, &account.text("hello")).await.expect(200);
    let elsewhere = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    elsewhere.send(None, &elsewhere.text("hello")).await.expect(200);
    for visitor in [visitor, other, account, elsewhere] {
        visitor.leaves().await;
    }
}

/// A plain message of a guest that nobody has seen before, with a proof of work if it is asked for one; how many bits were asked for.
async fn send_as_new(server: &Server, call: impl Fn(Call) -> Call) -> (Answer, Option<u64>) {
    let token = tokens::valid(Uuid::now_v7(), "guest");
    let body = json!({"content": "hello", "stream": false});
    let message = || call(Call::new("POST", "/api/v1/chat/messages").token(&token).json(&body));
    let answer = server.send(message()).await;
    if answer.status != 401 {
        return (answer, None);
    }
    let error = answer.problem(401, "challenge_required");
    (server.send(with(message(), &proof::solve(&error).await)).await, error["bits"].as_u64())
}

#[tokio::test]
async fn with_work_an_address_has_ten_times_its_messages_and_more_bits_after_strikes() {
    let _clock = clock::still().await;
    let variables = [WORK, ("CHAT_ADDRESS_DAILY_MESSAGES", "1"), ("CHAT_RATE_LIMIT_PER_MINUTE", "2")];
    let server = Server::started_with(&variables).await;
    let here = server.reached_from(fresh_address());
    let mut bits = Vec::new();
    for _ in 0..10 {
        let (answer, asked) = send_as_new(&here, |call| call).await;
        answer.expect(200);
        bits.extend(asked);
    }
    assert_eq!(bits, [18; 9]);
    let error = send_as_new(&here, |call| call).await.0.problem(429, "rate_limited");
    assert_eq!((error["scope"].as_str(), error["limit"].as_i64()), (Some("address"), Some(10)));

    // A user who is refused too often makes the work harder for all of the address.
    let there = server.reached_from(fresh_address());
    let account = Visitor::of(&there, "user").await;
    for _ in 0..2 {
        account.send(None, &account.text("hello")).await.expect(200);
    }
    for _ in 0..20 {
        account.send(None, &account.text("hello")).await.problem(429, "rate_limited");
    }
    assert_eq!(send_as_new(&there, |call| call).await.1, None);
    let (answer, asked) = send_as_new(&there, |call| call).await;
    answer.expect(200);
    assert_eq!(asked, Some(20));
    account.leaves().await;
}

/// Everything that the other tests switch off, as it is where an operator has set nothing.
const DEFAULTS: [(&str, &str); 8] = [
    ("CHAT_BREAKER_FAILURES", ""),
    ("CHAT_DAILY_BUDGET_USD", ""),
    ("CHAT_MAX_RUNNING_ANSWERS", ""),
    ("CHAT_ADDRESS_DAILY_MESSAGES", ""),
    ("CHAT_GUEST_IP_DAILY_QUOTA", ""),
    ("GUEST_CHALLENGE", ""),
    ("CHAT_USER_STORAGE_MB", ""),
    ("STORAGE_LIMIT_MB", ""),
];

/// A school's morning: each of them opens the page and says five things. Twelve are new today; what the first three of them need not do, the others do.
#[tokio::test]
async fn sixty_visitors_behind_one_address_are_refused_nothing_with_every_limit_at_its_default() {
    let _clock = clock::still_and_alone().await;
    empty_ledger().await;
    let server = Server::started_with(&DEFAULTS).await;
    let school = &server.reached_from(fresh_address());
    let comes = |number: usize| async move {
        if number >= 12 {
            return tokens::valid(Uuid::now_v7(), "guest");
        }
        let mut came = school.send(guest()).await;
        if number >= 3 {
            let error = came.problem(401, "challenge_required");
            assert_eq!(error["bits"], 16, "the {number}th");
            came = school.send(with(guest(), &proof::solve(&error).await)).await;
        }
        came.expect(201).json()["token"].as_str().unwrap().to_owned()
    };
    let mut visitors = Vec::new();
    for number in 0..60 {
        visitors.push(comes(number).await);
    }
    let say = |token: String, proof: Option<String>| async move {
        let body = json!({"content": "hello", "stream": false});
        let call = Call::new("POST", "/api/v1/chat/messages").token(&token).json(&body);
        school.send(proof.iter().fold(call, |call, proof| with(call, proof))).await
    };
    let morning = |token: &String| {
        let token = token.clone();
        async move {
            school.send(Call::new("GET", "/api/v1/chat/quota").token(&token)).await.expect(200);
            for _ in 0..5 {
                say(token.clone(), None).await.expect(200);
            }
        }
    };
    stream::iter(visitors.iter().map(morning)).buffer_unordered(8).collect::<Vec<()>>().await;
    // The 301st message is worked for, and comes.
    let error = say(visitors[0].clone(), None).await.problem(401, "challenge_required");
    assert_eq!(error["bits"], 18);
    say(visitors[0].clone(), Some(proof::solve(&error).await)).await.expect(200);
}

/// How many bits the next guest of an address works for, by how many it has had, with 16 a day; a server that asks for no work makes those before, of the same address.
#[tokio::test]
async fn the_work_for_a_guest_rises_with_their_number_and_ends_at_ten_times_the_number_of_a_day() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[WORK, ("CHAT_GUEST_IP_DAILY_QUOTA", "16")]).await;
    let address = fresh_address();
    let (asked, free) = (server.reached_from(address), Server::under_test().reached_from(address));
    let mut count = 0;
    for (number, bits) in [(3, 16), (4, 17), (7, 17), (8, 18), (11, 18), (12, 19), (15, 19), (16, 20), (159, 20)] {
        let more = stream::iter(count..number).map(|_| free.send(guest())).buffer_unordered(8);
        more.collect::<Vec<Answer>>().await.into_iter().for_each(|answer| drop(answer.expect(201)));
        count = number;
        let error = asked.send(guest()).await.problem(401, "challenge_required");
        assert_eq!(error["bits"], bits, "after {number} guests");
    }
    free.send(guest()).await.expect(201);
    // However much is worked for.
    let refused = asked.send(guest()).await;
    let error = refused.problem(429, "rate_limited");
    assert_eq!((error["scope"].as_str(), error["remaining"].as_i64()), (Some("address"), Some(0)));
    assert!(refused.number("retry-after") >= 1);
}

#[tokio::test]
async fn the_new_guests_of_a_48_are_bounded_however_many_64s_they_come_from() {
    let _clock = clock::still().await;
    let variables = [("CHAT_GUEST_IP_DAILY_QUOTA", "10"), ("CLIENT_ADDRESS_HEADER", "X-Real-IP")];
    let server = &Server::started_with(&variables).await;
    let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
    let come = |net: usize| async move {
        let address = format!("2001:{a:x}{b:02x}:{c:x}{d:02x}:{net:x}::1");
        server.send(guest().header("x-real-ip", &address)).await.status
    };
    let admitted = |statuses: Vec<u16>| {
        assert!(statuses.iter().all(|status| [201, 429].contains(status)), "{statuses:?}");
        statuses.into_iter().filter(|status| *status == 201).count()
    };
    // The first 64 are known one by one. All others together have what one may have.
    assert_eq!(admitted(join_all((0..64).map(come)).await), 64);
    assert_eq!(admitted(stream::iter(64..96).map(come).buffer_unordered(16).collect().await), 10);
    // The whole may have ten times as much as one.
    assert_eq!(admitted(stream::iter(0..64).map(come).buffer_unordered(16).collect().await), 100 - 64 - 10);
}

#[tokio::test]
async fn the_guests_of_a_48_are_bounded_however_many_64s_they_come_from() {
    let _clock = clock::still().await;
    let variables = [("CHAT_ADDRESS_DAILY_MESSAGES", "1"), ("CLIENT_ADDRESS_HEADER", "X-Real-IP")];
    let server = Server::started_with(&variables).await;
    let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
    let send = |net: usize| {
        let address = format!("2001:{a:x}{b:02x}:{c:x}{d:02x}:{net:x}::1");
        let server = &server;
        async move { send_as_new(server, |call| call.header("x-real-ip", &address)).await.0.status }
    };
    let admitted = |statuses: Vec<u16>| {
        assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
        statuses.into_iter().filter(|status| *status == 200).count()
    };
    // The first 64 are known one by one. All others together have what one may have.
    assert_eq!(admitted(join_all((0..64).map(send)).await), 64);
    assert_eq!(admitted(stream::iter(64..256).map(send).buffer_unordered(16).collect().await), 10);
    // The whole may have ten times as much as one.
    assert_eq!(admitted(stream::iter(0..64).map(send).buffer_unordered(16).collect().await), 100 - 64 - 10);
}

#[tokio::test]
async fn without_work_ten_times_the_messages_of_an_address_are_the_end() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    for _ in 0..10 {
        visitor.send(None, &visitor.text("hello")).await.expect(200);
    }
    let refused = visitor.send(None, &visitor.text("hello")).await;
    let error = refused.problem(429, "rate_limited");
    assert_eq!((error["scope"].as_str(), error["limit"].as_i64()), (Some("address"), Some(10)));
    assert!(error["reset_at"].is_string());
    assert_eq!(visitor.used_today().await, 10);
    visitor.leaves().await;
}

#[tokio::test]
async fn what_fails_before_its_first_byte_is_given_back_to_the_address_too() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[("CHAT_ADDRESS_DAILY_MESSAGES", "1")]).await;
    let here = server.reached_from(fresh_address());
    let visitor = Visitor::of(&here, "guest").await;
    let failing = visitor.scene(serde_json::json!({"error": {"status": 400, "code": "invalid_type"}})).await;
    let mut answered = 0;
    for number in 0..14 {
        if number % 3 == 1 {
            visitor.send(None, &failing.text("fails")).await.problem(502, "provider_error");
        } else if answered < 10 {
            visitor.send(None, &visitor.text("hello")).await.expect(200);
            answered += 1;
        }
    }
    // Before the model is asked: no such session.
    visitor.send(Some(&uuid::Uuid::now_v7().to_string()), "hello").await.problem(404, "session_not_found");
    while answered < 10 {
        visitor.send(None, &visitor.text("hello")).await.expect(200);
        answered += 1;
    }
    visitor.send(None, &visitor.text("hello")).await.problem(429, "rate_limited");
    assert_eq!(visitor.used_today().await, 10);
    visitor.leaves().await;
}
