//! Coming in through an OpenID provider: who is let in, and what of a way there and back is good for what.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::openid::{CLIENT_ID, CLIENT_SECRET, OpenIdProvider};
use tests::{Answer, Call, Server, Visitor, control, fresh_address, proof, stores};
use uuid::Uuid;

use crate::accounts::{call, cookie, refresh, server_with, text};
use crate::passkeys::ORIGIN;

/// What the page keeps.
pub const PAGE_KEY: &str = "the page's key, of the tests";

/// A server whose visitors come in through `provider`.
pub async fn server_of(provider: &OpenIdProvider, more: &[(&str, &str)]) -> Server {
    let variables = [
        ("PUBLIC_ORIGIN", ORIGIN),
        ("OIDC_ISSUER", provider.issuer()),
        ("OIDC_ID", CLIENT_ID),
        ("OIDC_SECRET", CLIENT_SECRET),
        ("OIDC_NAME", "The works"),
    ];
    server_with(&variables.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).await
}

pub async fn provider() -> OpenIdProvider {
    OpenIdProvider::started(&format!("{ORIGIN}/api/v1/auth/oidc/callback")).await
}

/// A browser on its way to a provider.
pub struct Away {
    pub provider: &'static str,
    pub url: String,
    /// What it carries, as it is sent back.
    pub carried: String,
}

/// A cookie for the whole host, with these words about when it is sent.
pub fn trip(answer: &Answer, same_site: &str) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.rfind(|cookie| cookie.starts_with("__Host-p=")).expect("the cookie of a trip");
    let parts: Vec<&str> = cookie.split("; ").collect();
    for attribute in ["Path=/", "Secure", "HttpOnly", &format!("SameSite={same_site}")] {
        assert!(parts.contains(&attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    parts[0].to_owned()
}

pub fn start(provider: &str, purpose: &str) -> Call {
    call("POST", &format!("/auth/{provider}/start")).json(&json!({"purpose": purpose, "page_key": PAGE_KEY}))
}

pub async fn departs(server: &Server, provider: &'static str) -> Away {
    let answer = server.send(start(provider, "login")).await.expect(200);
    away(provider, &answer)
}

pub async fn departs_to_add(server: &Server, provider: &'static str, token: &str) -> Away {
    let answer = server.send(start(provider, "add").token(token)).await.expect(200);
    away(provider, &answer)
}

fn away(provider: &'static str, answer: &Answer) -> Away {
    let body = answer.json();
    assert_eq!(body["expires_in"], 600);
    Away { provider, url: text(&body["url"]), carried: trip(answer, "Lax") }
}

/// The way back that a provider sends a browser on, as our server is asked it: with what the browser carries.
pub fn callback(away: &Away, back: &reqwest::Url, carried: &str) -> Call {
    assert_eq!(back.origin().ascii_serialization(), ORIGIN);
    assert_eq!(back.path(), format!("/api/v1/auth/{}/callback", away.provider));
    let call = Call::new("GET", format!("{}?{}", back.path(), back.query().unwrap_or_default()));
    if carried.is_empty() { call } else { call.header("cookie", carried) }
}

/// Comes back, and gives what the browser carries then.
pub async fn arrives(server: &Server, away: &Away, back: &reqwest::Url) -> String {
    let answer = server.send(callback(away, back, &away.carried)).await.expect(303);
    assert_eq!(answer.header("location"), format!("{ORIGIN}/#signed-in"));
    trip(&answer, "Strict")
}

/// Comes back in vain, and says for which code; the browser carries nothing any more.
pub async fn fails(server: &Server, call: Call) -> String {
    let answer = server.send(call).await.expect(303);
    let told = answer.header("location").strip_prefix(&format!("{ORIGIN}/#sign-in-failed=")).expect("a code");
    // What is not of the trip that the browser is on costs it nothing.
    match told {
        "sign_in_expired" => assert_eq!(answer.optional_header("set-cookie"), None),
        _ => assert_eq!(trip(&answer, "Strict"), "__Host-p="),
    }
    told.to_owned()
}

pub fn finish(provider: &str, carried: &str) -> Call {
    let ended = call("POST", &format!("/auth/{provider}/finish")).json(&json!({"page_key": PAGE_KEY}));
    ended.header("cookie", carried)
}

/// All the way there and back; the answer to who is let in.
pub async fn comes_in(server: &Server, provider: &OpenIdProvider, name: &str) -> Answer {
    let away = departs(server, "oidc").await;
    let back = provider.signs_in(&away.url, name).await;
    let carried = arrives(server, &away, &back).await;
    server.send(finish("oidc", &carried)).await
}

/// A name that nobody else has; an address, too.
pub fn somebody() -> String {
    format!("{}@works.example", Uuid::new_v4())
}

/// `url` with another value of a parameter, or without it.
pub fn changed(url: &str, name: &str, value: Option<&str>) -> String {
    let mut changed = reqwest::Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = changed.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    changed.query_pairs_mut().clear().extend_pairs(pairs).extend_pairs(value.map(|value| (name, value)));
    changed.into()
}

/// By what Redis knows that a part of a trip was done: the last of what a browser carries.
fn nonce(carried: &str) -> String {
    let fields = carried.trim_start_matches("__Host-p=").split('.').next().unwrap();
    let fields = String::from_utf8(URL_SAFE_NO_PAD.decode(fields).unwrap()).unwrap();
    fields.lines().last().unwrap().to_owned()
}

async fn me(server: &Server, token: &str) -> Value {
    server.send(call("GET", "/me").token(token)).await.expect(200).json()
}

#[tokio::test]
async fn without_variables_there_is_no_provider_and_half_of_them_is_a_mistake() {
    let server = server_with(&[("PUBLIC_ORIGIN", ORIGIN)]).await;
    let features = server.send(call("GET", "/config")).await.expect(200).json()["features"].clone();
    assert_eq!(features["providers"], json!([]));
    for provider in ["github", "google", "oidc", "password", "nobody"] {
        server.send(start(provider, "login")).await.problem(404, "not_found");
        server.send(call("GET", &format!("/auth/{provider}/callback?state=a&code=b"))).await.problem(404, "not_found");
        server.send(finish(provider, "__Host-p=a")).await.problem(404, "not_found");
    }
    for half in [
        vec![("OAUTH_GITHUB_ID", "id")],
        vec![("OAUTH_GITHUB_SECRET", "secret")],
        vec![("OAUTH_GOOGLE_ID", "id")],
        vec![("OIDC_ISSUER", "https://i.example")],
        vec![("OIDC_ID", "id"), ("OIDC_SECRET", "secret")],
        vec![("OIDC_ISSUER", "http://i.example"), ("OIDC_ID", "id"), ("OIDC_SECRET", "secret")],
        vec![("PUBLIC_ORIGIN", ""), ("OAUTH_GITHUB_ID", "id"), ("OAUTH_GITHUB_SECRET", "secret")],
    ] {
        let all: Vec<(&str, &str)> = [("PUBLIC_ORIGIN", ORIGIN)].into_iter().chain(half.iter().copied()).collect();
        server_with(&all).await.send(call("GET", "/me").token("x")).await.problem(503, "misconfigured");
    }
}

#[tokio::test]
async fn somebody_comes_in_and_the_guest_goes_along() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let features = server.send(call("GET", "/config")).await.expect(200).json()["features"].clone();
    assert_eq!(features["providers"], json!([{"id": "oidc", "name": "The works"}]));
    let guest = Visitor::of(&server, "guest").await;
    let sent = guest.send(None, &guest.text("hello")).await.expect(200).json();

    let name = somebody();
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &name).await;
    let carried = arrives(&server, &away, &back).await;
    let answer = server.send(finish("oidc", &carried).token(&guest.token)).await.expect(201);
    let body = answer.json();
    assert_eq!((&body["user"]["role"], &body["claimed"]), (&json!("user"), &json!(true)));
    assert_eq!(trip(&answer, "Strict"), "__Host-p=");
    guest.get("/me").await.problem(401, "token_claimed");
    let token = text(&body["token"]);
    let path = format!("/chat/sessions/{}", text(&sent["session_id"]));
    server.send(call("GET", &path).token(&token)).await.expect(200);
    // The provider has made sure of the address, and nobody had it.
    let known = me(&server, &token).await;
    assert_eq!((&known["email"], &known["login"]), (&json!(name), &Value::Null));
    refresh(&server, &cookie(&answer, "__Secure-r")).await.expect(200);

    // Again, from another place: the same account.
    let elsewhere = server.reached_from(fresh_address());
    let again = comes_in(&elsewhere, &provider, &name).await.expect(200).json();
    assert_eq!(again["user"]["id"], body["user"]["id"]);
    let other = comes_in(&server, &provider, &somebody()).await.expect(201).json();
    assert_ne!(other["user"]["id"], body["user"]["id"]);
    guest.leaves().await;
}

#[tokio::test]
async fn the_same_name_at_two_providers_is_two_people() {
    let (one, other) = (provider().await, provider().await);
    let (at_one, at_other) = (server_of(&one, &[]).await, server_of(&other, &[]).await);
    let name = somebody();
    let first = comes_in(&at_one, &one, &name).await.expect(201).json();
    let second = comes_in(&at_other, &other, &name).await.expect(201).json();
    assert_ne!(first["user"]["id"], second["user"]["id"]);
    // The address is the first one's; the second has an account all the same, and is told nothing.
    assert_eq!(me(&at_one, &text(&first["token"])).await["email"], json!(name));
    assert_eq!(me(&at_other, &text(&second["token"])).await["email"], Value::Null);
    assert_eq!(
        second.as_object().unwrap().keys().collect::<Vec<_>>(),
        first.as_object().unwrap().keys().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn an_address_that_nobody_has_made_sure_of_is_none() {
    let provider = provider().await;
    let name = format!("unverified-{}", somebody());
    let server = server_of(&provider, &[("ADMIN_EMAILS", &name)]).await;
    let body = comes_in(&server, &provider, &name).await.expect(201).json();
    assert_eq!(body["user"]["role"], "user");
    assert_eq!(me(&server, &text(&body["token"])).await["email"], Value::Null);
    let known = somebody();
    let server = server_of(&provider, &[("ADMIN_EMAILS", &known)]).await;
    assert_eq!(comes_in(&server, &provider, &known).await.expect(201).json()["user"]["role"], "admin");
}

#[tokio::test]
async fn a_sign_up_counts_as_a_new_guest_and_is_worked_for() {
    let provider = provider().await;
    let server = server_of(&provider, &[("GUEST_CHALLENGE", "work")]).await;
    comes_in(&server, &provider, &somebody()).await.expect(201);
    for _ in 0..2 {
        server.send(call("POST", "/auth/guest")).await.expect(201);
    }
    let name = somebody();
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &name).await;
    let carried = arrives(&server, &away, &back).await;
    let asked = server.send(finish("oidc", &carried)).await.problem(401, "challenge_required");
    let work = proof::solve(&asked).await;
    server.send(finish("oidc", &carried).header("x-proof-of-work", &work)).await.expect(201);
    // Who has an account comes in without.
    comes_in(&server, &provider, &name).await.expect(200);
}

#[tokio::test]
async fn ways_to_a_provider_are_counted_by_address_however_they_end() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    comes_in(&server, &provider, "regular").await;
    for _ in 0..119 {
        departs(&server, "oidc").await;
    }
    let full = server.send(start("oidc", "login")).await.problem(429, "rate_limited");
    assert_eq!((&full["scope"], &full["limit"]), (&json!("tries"), &json!(120)));
    departs(&server.reached_from(fresh_address()), "oidc").await;
}

#[tokio::test]
async fn somebody_who_is_vouched_for_does_not_share_what_their_address_may_send() {
    let provider = provider().await;
    let server = server_of(&provider, &[("CHAT_ADDRESS_DAILY_MESSAGES", "1"), ("GUEST_CHALLENGE", "work")]).await;
    let guest = Visitor::of(&server, "guest").await;
    guest.send(None, &guest.text("one")).await.expect(200);
    guest.send(None, &guest.text("two")).await.problem(401, "challenge_required");
    let answer = comes_in(&server, &provider, &format!("plain-{}", Uuid::new_v4())).await.expect(201);
    let renewed = refresh(&server, &cookie(&answer, "__Secure-r")).await.expect(200).json();
    for token in [text(&answer.json()["token"]), text(&renewed["token"])] {
        let said = json!({"content": guest.text("hello"), "stream": false});
        server.send(call("POST", "/chat/messages").token(&token).json(&said)).await.expect(200);
    }
    guest.leaves().await;
}

#[tokio::test]
async fn an_account_that_is_being_deleted_lets_nobody_in() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let name = somebody();
    let body = comes_in(&server, &provider, &name).await.expect(201).json();
    let id = text(&body["user"]["id"]);
    stores::rows("update users set deleted_at = now() where id = $1::uuid", &[&id]).await;
    comes_in(&server, &provider, &name).await.problem(409, "identity_taken");
    stores::rows("update users set deleted_at = null where id = $1::uuid", &[&id]).await;
    // What is deleted leaves who is vouched for free, before all of it is gone; but who begins over and over is refused.
    let token = text(&comes_in(&server, &provider, &name).await.expect(200).json()["token"]);
    server.send(call("DELETE", "/me").token(&token).json(&json!({}))).await.expect(202);
    let next = comes_in(&server, &provider, &name).await.expect(201).json();
    assert_ne!(next["user"]["id"], json!(id));
    server.send(call("DELETE", "/me").token(&text(&next["token"])).json(&json!({}))).await.expect(202);
    comes_in(&server, &provider, &name).await.problem(429, "rate_limited");
}

#[tokio::test]
async fn without_redis_nobody_is_let_in() {
    let provider = provider().await;
    let server = server_of(&provider, &[("QUOTA_FAIL_MODE", "open"), ("CHAT_DAILY_BUDGET_USD", "0")]).await;
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &somebody()).await;
    let back_again = callback(&away, &back, &away.carried);
    let nonce = nonce(&away.carried);
    let fault = control::fault("redis", &nonce, json!({"refuse": true}), None).await;
    assert_eq!(fails(&server, back_again).await, "storage_unavailable");
    assert!(fault.lift().await > 0);
}
