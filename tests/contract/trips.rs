//! Trips to an OpenID provider: what of a way there and back is good for what, and what of an answer is believed.

use serde_json::json;
use tests::Call;

use crate::accounts::call;
use crate::identities::{
    PAGE_KEY, arrives, callback, changed, departs, fails, finish, provider, server_of, somebody, start,
};

#[tokio::test]
async fn a_way_back_is_good_once_and_for_the_browser_that_was_sent() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &somebody()).await;
    let wrong_state = reqwest::Url::parse(&changed(back.as_str(), "state", Some("AAAA"))).unwrap();
    // Of a browser that was not sent, or by other means; nothing of it costs the one that was.
    let other = departs(&server, "oidc").await;
    for (back, carried) in [
        (&back, ""),
        (&back, "__Host-p="),
        (&back, "__Host-p=AAAA.AAAA"),
        (&back, other.carried.as_str()),
        (&wrong_state, away.carried.as_str()),
    ] {
        assert_eq!(fails(&server, callback(&away, back, carried)).await, "sign_in_expired", "{carried}");
    }
    let arrived = arrives(&server, &away, &back).await;
    assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_expired", "used before");

    // What it carries then is of the page that has begun, once.
    let of_other_page = json!({"page_key": "another page's key, of the tests"});
    let elsewhere = call("POST", "/auth/oidc/finish").json(&of_other_page).header("cookie", &arrived);
    server.send(elsewhere).await.problem(400, "sign_in_expired");
    let short = call("POST", "/auth/oidc/finish").json(&json!({"page_key": "short"})).header("cookie", &arrived);
    assert_eq!(server.send(short).await.problem(400, "invalid_request")["field"], "page_key");
    let bare = call("POST", "/auth/oidc/finish").json(&json!({"page_key": PAGE_KEY}));
    server.send(bare).await.problem(400, "sign_in_expired");
    server.send(finish("oidc", &away.carried)).await.problem(400, "sign_in_expired");
    let cut = &arrived[..arrived.len() - 2];
    server.send(finish("oidc", cut)).await.problem(400, "sign_in_expired");
    server.send(finish("oidc", &arrived)).await.expect(201);
    server.send(finish("oidc", &arrived)).await.problem(400, "sign_in_expired");
}

#[tokio::test]
async fn a_code_is_of_the_browser_that_has_asked_for_it() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    // Somebody else's code, put into one's own way back: the provider refuses the verifier.
    let theirs = departs(&server, "oidc").await;
    let stolen = provider.signs_in(&theirs.url, &somebody()).await;
    let (_, code) = stolen.query_pairs().find(|(name, _)| name == "code").unwrap();
    let mine = departs(&server, "oidc").await;
    let back = provider.signs_in(&mine.url, &somebody()).await;
    let injected = reqwest::Url::parse(&changed(back.as_str(), "code", Some(&code))).unwrap();
    assert_eq!(fails(&server, callback(&mine, &injected, &mine.carried)).await, "sign_in_failed");
    // A code that was asked for under another nonce, or another challenge.
    for name in ["nonce", "code_challenge"] {
        let away = departs(&server, "oidc").await;
        let other = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let back = provider.signs_in(&changed(&away.url, name, Some(other)), &somebody()).await;
        assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_failed", "{name}");
    }
    // Without a challenge this provider gives none.
    let away = departs(&server, "oidc").await;
    let bare = changed(&changed(&away.url, "code_challenge", None), "code_challenge_method", None);
    let back = provider.refuses(&bare).await;
    assert!(back.query().unwrap().contains("error=invalid_request"), "{back}");
    assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_failed");
    // A code that the provider has given and taken before.
    let away = departs(&server, "oidc").await;
    let back = provider.signs_in(&away.url, &somebody()).await;
    arrives(&server, &away, &back).await;
    let (_, used) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
    let again = departs(&server, "oidc").await;
    let state = reqwest::Url::parse(&again.url).unwrap();
    let (_, state) = state.query_pairs().find(|(name, _)| name == "state").unwrap();
    let replayed = changed(&changed(back.as_str(), "state", Some(&state)), "code", Some(&used));
    let replayed = reqwest::Url::parse(&replayed).unwrap();
    assert_eq!(fails(&server, callback(&again, &replayed, &again.carried)).await, "sign_in_failed");
}

#[tokio::test]
async fn an_id_token_must_say_what_was_asked_for() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    for claim in ["iss", "aud", "azp", "audiences", "exp", "iat", "future", "nonce", "sub"] {
        let away = departs(&server, "oidc").await;
        let back = provider.signs_in(&away.url, &format!("lie.{claim}")).await;
        assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_failed", "{claim}");
    }
}

#[tokio::test]
async fn another_provider_is_not_taken_for_the_one_that_was_asked() {
    let (one, other) = (provider().await, provider().await);
    let server = server_of(&one, &[]).await;
    let away = departs(&server, "oidc").await;
    let back = one.signs_in(&away.url, &somebody()).await;
    // It says who it is, and this one always does (RFC 9207).
    for iss in [Some(other.issuer()), Some(""), None] {
        let away = departs(&server, "oidc").await;
        let back = one.signs_in(&away.url, &somebody()).await;
        let mixed = reqwest::Url::parse(&changed(back.as_str(), "iss", iss)).unwrap();
        assert_eq!(fails(&server, callback(&away, &mixed, &away.carried)).await, "sign_in_failed", "{iss:?}");
    }
    arrives(&server, &away, &back).await;
    // Its metadata must name the issuer that the operator has named.
    let alias = one.issuer().replace("127.0.0.1", "localhost");
    let wrong = server_of(&one, &[("OIDC_ISSUER", &alias)]).await;
    wrong.send(start("oidc", "login")).await.problem(503, "misconfigured");
    let gone = server_of(&one, &[("OIDC_ISSUER", "http://127.0.0.1:9")]).await;
    gone.send(start("oidc", "login")).await.problem(502, "sign_in_failed");
    let secret = server_of(&one, &[("OIDC_SECRET", "another secret")]).await;
    let away = departs(&secret, "oidc").await;
    let back = one.signs_in(&away.url, &somebody()).await;
    assert_eq!(fails(&secret, callback(&away, &back, &away.carried)).await, "misconfigured");
}

#[tokio::test]
async fn who_calls_it_off_is_told_so_and_nothing_is_asked_of_anybody_without_the_cookie() {
    let provider = provider().await;
    let server = server_of(&provider, &[]).await;
    let away = departs(&server, "oidc").await;
    let back = provider.calls_off(&away.url).await;
    assert_eq!(fails(&server, callback(&away, &back, "")).await, "sign_in_expired");
    assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_denied");
    for method in ["POST", "DELETE"] {
        let asked = Call::new(method, "/api/v1/auth/oidc/callback");
        server.send_outside_the_contract(asked).await.problem(405, "method_not_allowed");
    }
}
