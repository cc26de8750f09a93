//! Links by mail: to sign in, to confirm an address, to set a new password.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Call, Server, Visitor, control, eventually, fresh_address, stores, variable};
use uuid::Uuid;

use crate::accounts::{Member, call, cookie, counted, password, refresh, server_with, sign_up, text};
use crate::handover::hash;

const ORIGIN: &str = "https://chat.example";

/// A server whose mail goes to the local stack, with other variables on top.
pub async fn mail_server(more: &[(&str, &str)]) -> Server {
    let url = format!("{}/mail/emails", variable("STACK_URL").trim_end_matches('/'));
    let token = variable("STACK_MAIL_TOKEN");
    let mail = [
        ("PUBLIC_ORIGIN", ORIGIN),
        ("MAIL_API_URL", url.as_str()),
        ("MAIL_API_TOKEN", &token),
        ("MAIL_FROM", "Chat <chat@example.org>"),
    ];
    server_with(&mail.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).await
}

pub fn fresh() -> String {
    format!("{}@example.org", Uuid::new_v4())
}

pub fn asking(email: &str, purpose: &str) -> Call {
    call("POST", "/auth/email").json(&json!({"email": email, "purpose": purpose}))
}

pub async fn ask(server: &Server, email: &str, purpose: &str) -> Answer {
    server.send(asking(email, purpose)).await
}

/// What the subject of a notice begins with: such mails come unasked.
pub const NOTICE: &str = "Your account at";

/// The last of the `count` mails that have gone to an address because somebody has asked for them.
pub async fn mailed(email: &str, count: usize) -> Value {
    eventually("a mail", || async {
        let mut mails = control::mails(email).await;
        mails.retain(|mail| !text(&mail["subject"]).starts_with(NOTICE));
        if mails.len() == count { Ok(mails[count - 1].clone()) } else { Err(format!("{} of {count}", mails.len())) }
    })
    .await
}

/// What a mail's link carries.
pub fn token_in(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.lines().find_map(|line| line.strip_prefix(&format!("{ORIGIN}/#mail="))).expect(text);
    assert_eq!(URL_SAFE_NO_PAD.decode(link).unwrap().len(), 32);
    link.to_owned()
}

/// Asks for a link and gives what it carries; `count`: the mails that the address will have had.
pub async fn link(server: &Server, email: &str, purpose: &str, count: usize) -> String {
    ask(server, email, purpose).await.expect(202);
    token_in(&mailed(email, count).await)
}

pub fn showing(what: &str, token: &str) -> Call {
    call("POST", &format!("/auth/email/{what}")).json(&json!({"token": token}))
}

async fn show(server: &Server, what: &str, token: &str) -> Answer {
    server.send(showing(what, token)).await
}

/// Somebody who has verified an address; it is not the name that they sign in by.
pub async fn verified(server: &Server) -> (Member, String) {
    let (member, address) = (sign_up(server, None).await, fresh());
    server.send(asking(&address, "verify").token(&member.token)).await.expect(202);
    let token = token_in(&mailed(&address, 1).await);
    server.send(showing("confirm", &token).token(&member.token)).await.expect(200);
    (member, address)
}

pub fn is_unverified(token: &str) -> bool {
    let claims = token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["unverified"] == true
}

#[tokio::test]
async fn without_a_host_of_mail_its_routes_say_so_and_half_of_one_is_misconfigured() {
    let off = server_with(&[("PUBLIC_ORIGIN", ORIGIN), ("EDGEWISE_WITHOUT", "MAIL_API_URL")]).await;
    assert_eq!(off.send(call("GET", "/config")).await.expect(200).json()["features"]["mail"], false);
    ask(&off, &fresh(), "sign_in").await.problem(404, "not_found");
    for what in ["look", "confirm"] {
        show(&off, what, &password(1)).await.problem(404, "not_found");
    }
    let on = mail_server(&[]).await;
    assert_eq!(on.send(call("GET", "/config")).await.expect(200).json()["features"]["mail"], true);
    for (missing, value) in [("MAIL_FROM", ""), ("MAIL_FROM", "nobody"), ("PUBLIC_ORIGIN", ""), ("MAIL_API_TOKEN", "")]
    {
        let half = mail_server(&[(missing, value)]).await;
        ask(&half, &fresh(), "sign_in").await.problem(503, "misconfigured");
        eventually("the log names it", || async {
            let output = half.output().join("\n");
            if output.contains(missing) { Ok(()) } else { Err(output) }
        })
        .await;
    }
}

#[tokio::test]
async fn a_link_signs_in_once_anywhere_and_opening_it_does_nothing() {
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    let asked = ask(&server, &address.to_uppercase(), "sign_in").await.expect(202);
    assert_eq!(asked.json(), json!({"expires_in": 900}));
    let mail = mailed(&address, 2).await;
    assert_eq!((&mail["to"], &mail["from"]), (&json!(address), &json!("Chat <chat@example.org>")));
    let token = token_in(&mail);

    // What follows a link that it finds gets the page; what knows the routes may look, and spends nothing.
    server.send(call("GET", "/auth/email/confirm")).await.problem(405, "method_not_allowed");
    let elsewhere = server.reached_from(fresh_address());
    for _ in 0..3 {
        let told = show(&elsewhere, "look", &token).await.expect(200).json();
        assert_eq!((&told["purpose"], &told["email"]), (&json!("sign_in"), &json!(address)));
        assert!((1..=900).contains(&told["expires_in"].as_i64().unwrap()) && told.get("salt").is_none(), "{told}");
    }
    // Another browser, another network, a guest with chats: they stay the guest's.
    let guest = Visitor::of(&server, "guest").await;
    guest.session().await;
    let answers = join_all((0..10).map(|_| elsewhere.send(showing("confirm", &token).token(&guest.token)))).await;
    let (let_in, used): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((let_in.len(), used.len()), (1, 9));
    used.iter().for_each(|answer| {
        answer.problem(410, "used");
    });
    let body = let_in[0].json();
    assert_eq!((&body["purpose"], &body["email"]), (&json!("sign_in"), &json!(address)));
    assert_eq!((&body["signed_in"]["user"]["id"], &body["signed_in"]["claimed"]), (&json!(member.id), &json!(false)));
    guest.get("/chat/sessions").await.expect(200);
    let me = server.send(call("GET", "/me").token(&text(&body["signed_in"]["token"]))).await.expect(200).json();
    assert_eq!((&me["email"], &me["login"]), (&json!(address), &json!(member.email)));
    refresh(&server, &cookie(&let_in[0], "__Secure-r")).await.expect(200);

    for what in ["look", "confirm"] {
        show(&server, what, &token).await.problem(410, "used");
        show(&server, what, &password(9)).await.problem(404, "not_found");
        assert_eq!(show(&server, what, "x").await.problem(400, "invalid_request")["field"], "token");
    }
    guest.leaves().await;
}

#[tokio::test]
async fn a_link_ends_after_fifteen_minutes_and_the_store_knows_its_hash_alone() {
    let server = mail_server(&[]).await;
    let (_, address) = verified(&server).await;
    let (since, asked) = (control::newest().await, Instant::now());
    let token = link(&server, &address, "sign_in", 2).await;
    for store in ["redis", "sql"] {
        assert!(control::calls(store, &token, since).await.is_empty(), "{store} was told the token");
    }
    show(&server, "look", &token).await.expect(200);
    stores::outlive(&format!("chat:once:mail:{}", hash(&token)), Duration::from_mins(15), asked).await;
    show(&server, "look", &token).await.problem(404, "not_found");
    show(&server, "confirm", &token).await.problem(404, "not_found");
}

/// The answer waits for nothing that depends on who has the address: it comes while the database and the mail's host say nothing at all.
#[tokio::test]
async fn who_asks_is_told_the_same_whether_somebody_has_the_address_or_not() {
    let server = mail_server(&[]).await;
    let (_, known) = verified(&server).await;
    let unknown = fresh();
    for purpose in ["sign_in", "reset"] {
        let [one, other] = [&known, &unknown].map(|email| asking(email, purpose));
        let (one, other) = (server.send(one).await.expect(202), server.send(other).await.expect(202));
        assert_eq!(one.body, other.body);
        let names = |answer: &Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&one), names(&other));
    }
    let told = mailed(&unknown, 2).await;
    let words = told["text"].as_str().unwrap();
    assert!(words.contains("no account") && !words.contains('#') && !words.contains(&unknown), "{words}");
    mailed(&known, 3).await;
    for email in [&known, &unknown] {
        ask(&server, email, "sign_in").await;
        assert_eq!(ask(&server, email, "sign_in").await.problem(429, "rate_limited")["scope"], "tries");
    }

    let silent = fresh();
    let sql = control::fault_at("sql", &[&control::tag("read_by_address"), &silent], json!({"hang": true}), None).await;
    ask(&server, &silent, "sign_in").await.expect(202);
    eventually("the owner is looked for behind the answer", || async {
        let calls = control::calls("sql", &silent, 0).await;
        if calls.iter().any(|call| !call.ended()) { Ok(()) } else { Err(format!("{calls:?}")) }
    })
    .await;
    sql.lift().await;
}

#[tokio::test]
async fn three_mails_an_hour_go_to_one_address_and_ten_are_asked_for_from_one_place() {
    let server = mail_server(&[]).await;
    let address = fresh();
    let (since, asked) = (control::newest().await, Instant::now());
    for _ in 0..3 {
        ask(&server, &address, "sign_in").await.expect(202);
    }
    // Every spelling and every purpose counts, from everywhere.
    let elsewhere = server.reached_from(fresh_address());
    for (email, purpose) in [(address.clone(), "sign_in"), (address.to_uppercase(), "reset")] {
        let refused = ask(&elsewhere, &email, purpose).await.problem(429, "rate_limited");
        assert_eq!((&refused["scope"], &refused["limit"]), (&json!("tries"), &json!(3)));
    }
    for _ in 3..10 {
        ask(&server, &fresh(), "sign_in").await.expect(202);
    }
    ask(&server, &fresh(), "sign_in").await.problem(429, "rate_limited");
    ask(&elsewhere, &fresh(), "sign_in").await.expect(202);
    // What the first one was counted by: the place and the address.
    let counts = control::calls("redis", &counted(&address), since).await.remove(0);
    let counts: Vec<&str> = counts.request().as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let counts: Vec<_> = counts.into_iter().filter(|word| word.starts_with("chat:tries:mail:")).collect();
    assert_eq!(counts.len(), 2, "{counts:?}");
    for count in counts {
        stores::outlive(count, Duration::from_hours(1), asked).await;
    }
    ask(&server, &address, "sign_in").await.expect(202);
}

#[tokio::test]
async fn what_is_no_one_address_is_sent_nothing_and_no_word_of_a_visitors_travels() {
    let server = mail_server(&[]).await;
    for email in [
        "",
        "jo",
        "a@example.org,b@example.org",
        "Jo <jo@example.org>",
        "jo@example.org\nbcc: al@example.org",
        "m\u{131}ke@example.org",
    ] {
        assert_eq!(ask(&server, email, "sign_in").await.problem(400, "invalid_request")["field"], "email", "{email}");
    }
    ask(&server, &fresh(), "advertise").await.problem(400, "invalid_request");
    let with_words = json!({"email": fresh(), "purpose": "sign_in", "text": "buy"});
    server.send(call("POST", "/auth/email").json(&with_words)).await.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_new_password_by_a_link_ends_all_other_devices() {
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    let other = server.send(member.login()).await.expect(200);
    let token = link(&server, &address, "reset", 2).await;
    let told = show(&server, "look", &token).await.expect(200).json();
    let salt = call("POST", "/auth/password/salt").json(&json!({"email": address}));
    let salt = server.send(salt).await.expect(200).json();
    assert_eq!((&told["purpose"], &told["salt"]), (&json!("reset"), &salt));
    // It is for that alone.
    show(&server, "confirm", &token).await.problem(404, "not_found");
    for body in [
        json!({"token": token, "email": address, "password_key": password(4)}),
        json!({"token": "x", "password_key": password(4)}),
        json!({"password_key": password(4)}),
        json!({"token": token, "password_key": "x"}),
    ] {
        server.send(call("POST", "/auth/password").json(&body)).await.problem(400, "invalid_request");
    }
    let reset = || call("POST", "/auth/password").json(&json!({"token": token, "password_key": password(4)}));
    let done = server.send(reset()).await.expect(200);
    assert_eq!(done.json()["user"]["id"], json!(member.id));
    assert_ne!(done.json()["recovery_code"], json!(member.recovery_code));
    server.send(reset()).await.problem(410, "used");
    for ended in [&member.cookie, &cookie(&other, "__Secure-r")] {
        refresh(&server, ended).await.problem(401, "unauthenticated");
    }
    server.send(call("GET", "/me").token(&member.token)).await.problem(401, "unauthenticated");
    refresh(&server, &cookie(&done, "__Secure-r")).await.expect(200);
    // The address is the name now; the one before, the password before and the code before open nothing.
    let login = |email: &str, key: u8| {
        call("POST", "/auth/login").json(&json!({"email": email, "password_key": password(key)}))
    };
    server.send(login(&address, 4)).await.expect(200);
    server.send(login(&address, 1)).await.problem(401, "wrong_credentials");
    server.send(login(&member.email, 4)).await.problem(401, "wrong_credentials");
    let by_code = json!({"email": address, "recovery_code": member.recovery_code, "password_key": password(5)});
    server.send(call("POST", "/auth/password").json(&by_code)).await.problem(401, "wrong_credentials");
    // The code that came with it does, and the salt that the browser is told stays the one the password was made with.
    let by_code = json!({"email": address, "recovery_code": done.json()["recovery_code"], "password_key": password(6)});
    server.send(call("POST", "/auth/password").json(&by_code)).await.expect(200);
    let again =
        server.send(call("POST", "/auth/password/salt").json(&json!({"email": address}))).await.expect(200).json();
    assert_eq!(again, salt);
}

#[tokio::test]
async fn a_link_opens_nothing_of_an_account_that_is_gone_or_has_another_address() {
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    let [sign_in, reset] = [link(&server, &address, "sign_in", 2).await, link(&server, &address, "reset", 3).await];
    let next = fresh();
    server.send(asking(&next, "verify").token(&member.token)).await.expect(202);
    let token = token_in(&mailed(&next, 1).await);
    server.send(showing("confirm", &token).token(&member.token)).await.expect(200);
    show(&server, "confirm", &sign_in).await.problem(404, "not_found");
    let body = json!({"token": reset, "password_key": password(4)});
    server.send(call("POST", "/auth/password").json(&body)).await.problem(404, "not_found");

    let token = link(&server, &next, "sign_in", 2).await;
    server.send(call("DELETE", "/me").token(&member.token)).await.expect(202);
    show(&server, "confirm", &token).await.problem(404, "not_found");
    // The address is free at once.
    let other = sign_up(&server, None).await;
    server.send(asking(&next, "verify").token(&other.token)).await.expect(202);
    let token = token_in(&mailed(&next, 3).await);
    server.send(showing("confirm", &token).token(&other.token)).await.expect(200);
}

#[tokio::test]
async fn a_mail_is_sent_once_more_and_once_only_and_what_fails_for_good_is_in_the_log() {
    let server = mail_server(&[]).await;
    let (_, address) = verified(&server).await;
    // The host has it and says nothing: the second time is known for the same.
    let fault = control::fault("mail", &address, json!({"lost_reply": true}), Some(1)).await;
    let token = link(&server, &address, "sign_in", 2).await;
    eventually("the second try", || async {
        let calls = control::calls("mail", &token, 0).await;
        if calls.len() == 2 { Ok(()) } else { Err(calls.len().to_string()) }
    })
    .await;
    assert_eq!(fault.lift().await, 1);
    assert_eq!(control::mails(&address).await.len(), 2);

    for (failure, tries) in [(json!({"status": 422}), 1), (json!({"status": 503}), 2)] {
        let nobody = fresh();
        let since = control::newest().await;
        let fault = control::fault("mail", &nobody, failure, None).await;
        ask(&server, &nobody, "sign_in").await.expect(202);
        eventually("the log says so", || async {
            let output = server.output().join("\n");
            if output.contains("mail_failed") { Ok(()) } else { Err(output) }
        })
        .await;
        eventually("all tries", || async {
            let calls = control::calls("mail", &nobody, since).await.len();
            if calls == tries { Ok(()) } else { Err(calls.to_string()) }
        })
        .await;
        fault.lift().await;
        assert!(!server.output().join("\n").contains(&nobody), "an address stands in the log");
    }
    assert!(!server.output().join("\n").contains(&token), "a link's token stands in the log");
}

#[tokio::test]
async fn a_store_that_fails_costs_no_link() {
    let server = mail_server(&[]).await;
    let (member, address) = verified(&server).await;
    let token = link(&server, &address, "sign_in", 2).await;
    // Redis gives it out, and nobody hears of it.
    let markers = [&control::tag("take_once"), &hash(&token)];
    let fault = control::fault_at("redis", &markers.map(String::as_str), json!({"lost_reply": true}), None).await;
    show(&server, "confirm", &token).await.problem(503, "storage_unavailable");
    assert!(fault.lift().await > 0);
    let markers = [control::tag("sign_in_by_mail"), address.clone()];
    let markers: Vec<&str> = markers.iter().map(String::as_str).collect();
    let fault = control::fault_at("sql", &markers, json!({"status": 500}), None).await;
    show(&server, "confirm", &token).await.problem(503, "storage_unavailable");
    fault.lift().await;
    let body = show(&server, "confirm", &token).await.expect(200).json();
    assert_eq!(body["signed_in"]["user"]["id"], json!(member.id));
}
