//! Passkeys: signing up and in without a name or a password, and what an answer of one is good for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Algorithm, Answer, Authenticator, Call, Server, Visitor, eventually, fresh_address, proof, stores};

use crate::accounts::{call, cookie, password, refresh, server, server_with, sign_up, text};

pub const ORIGIN: &str = "https://chat.example";

pub async fn passkey_server(more: &[(&str, &str)]) -> Server {
    let origin = [("PUBLIC_ORIGIN", ORIGIN)];
    let variables: Vec<(&str, &str)> = origin.into_iter().chain(more.iter().copied()).collect();
    server_with(&variables).await
}

pub fn authenticator() -> Authenticator {
    Authenticator::new(ORIGIN, Algorithm::Es256)
}

pub async fn options(server: &Server, purpose: &str) -> Value {
    let wish = call("POST", "/auth/passkeys/options").json(&json!({"purpose": purpose}));
    server.send(wish).await.expect(200).json()
}

/// What is asked of somebody who adds a passkey.
pub async fn options_to_add(server: &Server, token: &str) -> Value {
    let wish = call("POST", "/auth/passkeys/options").token(token).json(&json!({"purpose": "add"}));
    server.send(wish).await.expect(200).json()
}

pub fn register(credential: &Value) -> Call {
    call("POST", "/auth/passkeys/register").json(&json!({"credential": credential}))
}

pub fn login(credential: &Value) -> Call {
    call("POST", "/auth/passkeys/login").json(&json!({"credential": credential}))
}

pub fn add(token: &str, credential: &Value) -> Call {
    call("POST", "/me/passkeys").token(token).json(&json!({"credential": credential, "name": "key"}))
}

/// A new account of a passkey's: its id and its token.
async fn account(server: &Server, authenticator: &mut Authenticator) -> (String, String) {
    let made = authenticator.create(&options(server, "register").await);
    let body = server.send(register(&made)).await.expect(201).json();
    (text(&body["user"]["id"]), text(&body["token"]))
}

async fn signs_in(server: &Server, authenticator: &mut Authenticator) -> Answer {
    let signed = authenticator.get(&options(server, "login").await);
    server.send(login(&signed)).await
}

#[tokio::test]
async fn without_an_origin_there_are_no_passkeys() {
    let server = server().await;
    let config = async |server: &Server| {
        let features = server.send(call("GET", "/config")).await.expect(200).json()["features"].clone();
        (features["accounts"] == true, features["passkeys"] == true)
    };
    assert_eq!(config(&server).await, (true, false));
    let member = sign_up(&server, None).await;
    let mut authenticator = authenticator();
    let with = passkey_server(&[]).await;
    let made = authenticator.create(&options(&with, "register").await);
    let signed = authenticator.get(&options(&with, "login").await);
    for purpose in ["register", "login", "add"] {
        let wish = call("POST", "/auth/passkeys/options").token(&member.token).json(&json!({"purpose": purpose}));
        server.send(wish).await.problem(404, "not_found");
    }
    for there in [register(&made), login(&signed), add(&member.token, &made)] {
        server.send(there).await.problem(404, "not_found");
    }
    assert_eq!(config(&with).await, (true, true));
    // Without accounts there are none either, and what is no origin says so.
    let only_origin = Server::started_with(&[("PUBLIC_ORIGIN", ORIGIN)]).await;
    assert_eq!(config(&only_origin).await, (false, false));
    only_origin.send(call("GET", "/me/passkeys")).await.problem(404, "not_found");
    let wrong = server_with(&[("PUBLIC_ORIGIN", "https://127.0.0.1")]).await;
    wrong.send(call("GET", "/me/passkeys").token("x")).await.problem(503, "misconfigured");
}

#[tokio::test]
async fn somebody_signs_up_and_in_by_a_passkey_and_the_guest_goes_along() {
    let server = passkey_server(&[]).await;
    let guest = Visitor::of(&server, "guest").await;
    let sent = guest.send(None, &guest.text("hello")).await.expect(200).json();
    let session = text(&sent["session_id"]);

    let mut authenticator = authenticator();
    let wish = json!({"purpose": "register", "user_name": " Jo\n"});
    let asked = server.send(call("POST", "/auth/passkeys/options").json(&wish)).await.expect(200).json();
    let create = &asked["create"];
    assert_eq!((&asked["expires_in"], &create["timeout"]), (&json!(120), &json!(120_000)));
    assert_eq!((&create["rp"]["id"], &create["user"]["name"]), (&json!("chat.example"), &json!("Jo")));
    let kinds = json!([{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -8}]);
    assert_eq!((&create["pubKeyCredParams"], &create["excludeCredentials"]), (&kinds, &json!([])));
    assert_eq!(create["authenticatorSelection"]["userVerification"], "required");
    let made = authenticator.create(&asked);
    let answer = server.send(register(&made).token(&guest.token)).await.expect(201);
    let body = answer.json();
    assert_eq!((&body["user"]["role"], &body["claimed"]), (&json!("user"), &json!(true)));
    assert!(body.get("recovery_code").is_none(), "{body}");
    let (id, token) = (text(&body["user"]["id"]), text(&body["token"]));
    guest.get("/me").await.problem(401, "token_claimed");
    let me = server.send(call("GET", "/me").token(&token)).await.expect(200).json();
    assert_eq!((&me["user"]["id"], &me["login"], &me["email"]), (&json!(id), &Value::Null, &Value::Null));
    let path = format!("/chat/sessions/{session}");
    server.send(call("GET", &path).token(&token)).await.expect(200);
    refresh(&server, &cookie(&answer, "__Secure-r")).await.expect(200);

    // From another place, without a name, with another guest.
    let elsewhere = server.reached_from(fresh_address());
    let other = Visitor::of(&server, "guest").await;
    let asked = options(&elsewhere, "login").await;
    assert_eq!(
        (&asked["get"]["rpId"], &asked["get"]["userVerification"]),
        (&json!("chat.example"), &json!("required"))
    );
    let signed = authenticator.get(&asked);
    let body = elsewhere.send(login(&signed).token(&other.token)).await.expect(200).json();
    assert_eq!((&body["user"]["id"], &body["claimed"]), (&json!(id), &json!(true)));
    server.send(call("GET", &path).token(&text(&body["token"]))).await.expect(200);
    other.get("/me").await.problem(401, "token_claimed");

    let mut other_key = Authenticator::new(ORIGIN, Algorithm::EdDsa);
    let (by_eddsa, _) = account(&server, &mut other_key).await;
    let back = signs_in(&server, &mut other_key).await.expect(200).json();
    assert_eq!(back["user"]["id"], json!(by_eddsa));
    assert_ne!(by_eddsa, id);
    guest.leaves().await;
    other.leaves().await;
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let server = passkey_server(&[]).await;
    let mut authenticator = authenticator();
    let made = authenticator.create(&options(&server, "register").await);
    // Of many at once, from many places, one is let in.
    let all = join_all((0..20).map(|_| {
        let (there, made) = (server.reached_from(fresh_address()), &made);
        async move { there.send(register(made)).await }
    }));
    let (let_in, refused): (Vec<Answer>, Vec<Answer>) = all.await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((let_in.len(), refused.len()), (1, 19));
    refused.iter().for_each(|answer| drop(answer.problem(409, "challenge_used")));

    let signed = authenticator.get(&options(&server, "login").await);
    let all = join_all((0..20).map(|_| {
        let (there, signed) = (server.reached_from(fresh_address()), &signed);
        async move { there.send(login(signed)).await }
    }));
    let (let_in, refused): (Vec<Answer>, Vec<Answer>) = all.await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((let_in.len(), refused.len()), (1, 19));
    refused.iter().for_each(|answer| drop(answer.problem(409, "challenge_used")));

    // The passkey is its owner's: no second account begins with it, and nobody is left behind of the try.
    let accounts = "select count(*) from users where role = 'user' and id = $1::uuid";
    let asked = options(&server, "register").await;
    let again = authenticator.clone().create(&asked);
    server.send(register(&again)).await.problem(409, "passkey_taken");
    let handle = URL_SAFE_NO_PAD.decode(text(&asked["create"]["user"]["id"])).unwrap();
    let nobody = uuid::Uuid::from_slice(&handle).unwrap().to_string();
    assert_eq!(stores::number(accounts, &[&nobody]).await, 0);
    signs_in(&server, &mut authenticator).await.expect(200);
}

#[tokio::test]
async fn an_answer_that_is_sent_again_is_no_sign_up() {
    let server = passkey_server(&[]).await;
    let made = authenticator().create(&options(&server, "register").await);
    server.send(register(&made)).await.expect(201);
    for _ in 0..12 {
        server.send(register(&made)).await.problem(409, "challenge_used");
    }
    // Ten sign-ups an hour are left but for the one.
    for _ in 0..9 {
        let made = authenticator().create(&options(&server, "register").await);
        server.send(register(&made)).await.expect(201);
    }
    let made = authenticator().create(&options(&server, "register").await);
    let full = server.send(register(&made)).await.problem(429, "rate_limited");
    assert_eq!(full["scope"], "tries");
}

#[tokio::test]
async fn an_answer_is_good_for_its_wish_and_its_page_alone() {
    const CLIENT_DATA: &str = "credential.response.clientDataJSON";
    const AUTHENTICATOR: &str = "credential.response.authenticatorData";
    const ATTESTATION: &str = "credential.response.attestationObject";
    let server = passkey_server(&[]).await;
    let mut owner = authenticator();
    account(&server, &mut owner).await;
    let refuses = async |call: Call, field: &str| {
        let error = server.send(call).await.problem(400, "invalid_request");
        assert_eq!(error["field"], field, "{error}");
        text(&error["message"])
    };
    let (to_register, to_login) = (options(&server, "register").await, options(&server, "login").await);
    let changed = |change: fn(&mut Authenticator)| {
        let mut changed = owner.clone();
        change(&mut changed);
        changed
    };
    for (change, field) in [
        ((|one| one.origin = "https://evil.example".to_owned()) as fn(&mut Authenticator), CLIENT_DATA),
        (|one| one.origin = "http://chat.example".to_owned(), CLIENT_DATA),
        (|one| one.origin = "https://chat.example:8443".to_owned(), CLIENT_DATA),
        (|one| one.is_in_frame = true, CLIENT_DATA),
        (|one| one.rp_id = Some("evil.example".to_owned()), AUTHENTICATOR),
        // Nobody was there, or nobody knows who.
        (|one| one.flags = 0x04, AUTHENTICATOR),
        (|one| one.flags = 0x01, AUTHENTICATOR),
        // Kept in several places, against its own word.
        (|one| one.flags = 0x15, AUTHENTICATOR),
    ] {
        refuses(register(&changed(change).create(&to_register)), field).await;
        refuses(login(&changed(change).get(&to_login)), field).await;
    }
    // What was asked for another wish, by somebody else, or by nobody.
    let swapped = |from: &str, challenge: &Value| {
        json!({(from): {"challenge": challenge, "rpId": "chat.example", "attestation": "none",
        "rp": {"id": "chat.example"}, "user": {"id": "AAAA"}}})
    };
    let member = sign_up(&server, None).await;
    let to_add = options_to_add(&server, &member.token).await;
    let invented = json!(URL_SAFE_NO_PAD.encode([7; 73]));
    for challenge in [&to_login["get"]["challenge"], &to_add["create"]["challenge"], &invented, &json!("AAAA")] {
        refuses(register(&authenticator().create(&swapped("create", challenge))), CLIENT_DATA).await;
    }
    for challenge in [&to_register["create"]["challenge"], &to_add["create"]["challenge"], &invented] {
        refuses(login(&owner.clone().get(&swapped("get", challenge))), CLIENT_DATA).await;
    }
    let other = sign_up(&server, None).await;
    refuses(add(&other.token, &authenticator().create(&to_add)), CLIENT_DATA).await;
    // One ceremony's data in the other one.
    let mut mixed = owner.clone().get(&to_login);
    mixed["response"]["clientDataJSON"] = owner.clone().create(&to_register)["response"]["clientDataJSON"].clone();
    refuses(login(&mixed), CLIENT_DATA).await;
    let told = refuses(register(&Authenticator::new(ORIGIN, Algorithm::Rs256).create(&to_register)), ATTESTATION).await;
    assert!(told.contains("RS256"), "{told}");
    // Two numbers that are no point of the curve, and a point for which anybody can sign.
    for algorithm in [Algorithm::OffCurve, Algorithm::SmallOrder] {
        refuses(register(&Authenticator::new(ORIGIN, algorithm).create(&to_register)), ATTESTATION).await;
        refuses(add(&member.token, &Authenticator::new(ORIGIN, algorithm).create(&to_add)), ATTESTATION).await;
    }
    let mut made = authenticator().create(&to_register);
    made["id"] = json!(authenticator().id());
    refuses(register(&made), "credential.id").await;
    for (field, value) in [("attestationObject", "AAAA"), ("attestationObject", "A+/B"), ("clientDataJSON", "AAAA")] {
        let mut made = authenticator().create(&to_register);
        made["response"][field] = json!(value);
        refuses(register(&made), &format!("credential.response.{field}")).await;
    }

    // Nobody's, or not signed: which of them is not told.
    let shape = async |credential: &Value| {
        let mut error = server.send(login(credential)).await.problem(401, "wrong_credentials");
        error["request_id"] = Value::Null;
        error
    };
    let login_of = async |mut one: Authenticator| one.get(&options(&server, "login").await);
    let nobodys = shape(&login_of(authenticator()).await).await;
    let mut forged = login_of(owner.clone()).await;
    forged["response"]["signature"] = login_of(owner.clone()).await["response"]["signature"].clone();
    assert_eq!(shape(&forged).await, nobodys);
    let mut garbled = login_of(owner.clone()).await;
    garbled["response"]["signature"] = json!("AAAA");
    assert_eq!(shape(&garbled).await, nobodys);
    let mut of_another = login_of(owner.clone()).await;
    of_another["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode([1; 16]));
    assert_eq!(shape(&of_another).await, nobodys);
    signs_in(&server, &mut owner).await.expect(200);
}

#[tokio::test]
async fn a_count_that_goes_back_is_told_and_refused_unless_the_passkey_is_in_several_places() {
    let server = passkey_server(&[]).await;
    let (mut bound, mut synced) = (authenticator(), authenticator());
    (bound.flags, bound.count, synced.count) = (0x05, 5, 5);
    account(&server, &mut bound).await;
    account(&server, &mut synced).await;
    for one in [&mut bound, &mut synced] {
        signs_in(&server, one).await.expect(200);
        one.count = 2;
    }
    signs_in(&server, &mut bound).await.problem(401, "wrong_credentials");
    signs_in(&server, &mut synced).await.expect(200);
    // A copy says of itself that there may be copies.
    bound.flags = 0x1d;
    signs_in(&server, &mut bound).await.problem(401, "wrong_credentials");
    (bound.flags, bound.count) = (0x05, 6);
    signs_in(&server, &mut bound).await.expect(200);
    eventually("the log tells of each", || async {
        let output = server.output().join("\n");
        if output.matches("passkey_count_back").count() == 3 { Ok(()) } else { Err(output) }
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_by_a_passkey_counts_as_a_new_guest_and_is_repeated_with_its_work() {
    let server = passkey_server(&[("GUEST_CHALLENGE", "work")]).await;
    for _ in 0..3 {
        server.send(call("POST", "/auth/guest")).await.expect(201);
    }
    let made = authenticator().create(&options(&server, "register").await);
    let asked = server.send(register(&made)).await.problem(401, "challenge_required");
    let work = proof::solve(&asked).await;
    server.send(register(&made).header("x-proof-of-work", &work)).await.expect(201);
}

#[tokio::test]
async fn tries_are_counted_by_address_and_wrong_passwords_keep_no_passkey_out() {
    let server = passkey_server(&[]).await;
    let member = sign_up(&server, None).await;
    let mut owner = authenticator();
    let made = owner.create(&options_to_add(&server, &member.token).await);
    server.send(add(&member.token, &made)).await.expect(201);
    for _ in 0..10 {
        let body = json!({"email": member.email, "password_key": password(9)});
        server.send(call("POST", "/auth/login").json(&body)).await.problem(401, "wrong_credentials");
    }
    server.send(member.login()).await.problem(429, "rate_limited");
    let body = signs_in(&server, &mut owner).await.expect(200).json();
    assert_eq!(body["user"]["id"], json!(member.id));

    let crowd = server.reached_from(fresh_address());
    let tries = (0..30).map(|_| {
        let crowd = &crowd;
        async move { signs_in(crowd, &mut authenticator()).await }
    });
    for answer in join_all(tries).await {
        answer.problem(401, "wrong_credentials");
    }
    let full = signs_in(&crowd, &mut owner).await.problem(429, "rate_limited");
    assert_eq!((&full["scope"], &full["limit"]), (&json!("tries"), &json!(30)));
    signs_in(&server, &mut owner).await.expect(200);
    // The other way round, too.
    let other = sign_up(&crowd, None).await;
    crowd.send(other.login()).await.expect(200);
}
