//! Coming in through GitHub, which has no ID token: the stack speaks its protocol. And how one is sent to Google.

use reqwest::Url;
use serde_json::{Value, json};
use tests::{Server, control, variable};
use uuid::Uuid;

use crate::accounts::{call, server_with, text};
use crate::identities::{arrives, callback, changed, departs, fails, finish, start};
use crate::passkeys::ORIGIN;

async fn server_of_github(more: &[(&str, &str)]) -> Server {
    let url = format!("{}/github", variable("STACK_URL").trim_end_matches('/'));
    let variables = [
        ("PUBLIC_ORIGIN", ORIGIN),
        ("OAUTH_GITHUB_ID", "stack-client"),
        ("OAUTH_GITHUB_SECRET", "stack-secret"),
        ("OAUTH_GITHUB_URL", &url),
    ];
    server_with(&variables.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).await
}

/// An account that nobody else has there: its number.
pub fn somebody() -> String {
    (Uuid::new_v4().as_u128() >> 80).to_string()
}

/// Signs in at GitHub, by what `login` says, and gives where it sends the browser back to.
pub async fn signs_in(url: &str, login: Option<&str>) -> Url {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = http.get(changed(url, "login", login)).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{url}");
    Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn somebody_comes_in_through_github_by_their_number() {
    let server = server_of_github(&[]).await;
    let features = server.send(call("GET", "/config")).await.expect(200).json()["features"].clone();
    assert_eq!(features["providers"], json!([{"id": "github", "name": "GitHub"}]));
    for (words, has_address) in [("verified", true), ("unverified", false)] {
        let id = somebody();
        let login = format!("{id}-{words}");
        let mut known = Value::Null;
        for status in [201, 200] {
            let since = control::newest().await;
            let away = departs(&server, "github").await;
            let back = signs_in(&away.url, Some(&login)).await;
            let carried = arrives(&server, &away, &back).await;
            let body = server.send(finish("github", &carried)).await.expect(status).json();
            assert!(known == Value::Null || known == body["user"]["id"], "{body}");
            known = body["user"]["id"].clone();
            let me = call("GET", "/me").token(&text(&body["token"]));
            let me = server.send(me).await.expect(200).json();
            let address = if has_address { json!(format!("{id}@github.example")) } else { Value::Null };
            assert_eq!(me["email"], address);
            let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
            assert_eq!(control::calls("github", &code, since).await.len(), 1);
        }
        // Another name is the same account.
        let away = departs(&server, "github").await;
        let back = signs_in(&away.url, Some(&id)).await;
        let carried = arrives(&server, &away, &back).await;
        assert_eq!(server.send(finish("github", &carried)).await.expect(200).json()["user"]["id"], known);
    }
}

#[tokio::test]
async fn without_its_cookie_a_way_back_asks_github_for_nothing() {
    let server = server_of_github(&[]).await;
    let since = control::newest().await;
    let away = departs(&server, "github").await;
    let back = signs_in(&away.url, Some(&somebody())).await;
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let other = departs(&server, "github").await;
    for carried in ["", "__Host-p=AAAA.AAAA", &other.carried] {
        assert_eq!(fails(&server, callback(&away, &back, carried)).await, "sign_in_expired");
    }
    assert_eq!(control::calls("github", &code, since).await.len(), 0);
    arrives(&server, &away, &back).await;
    assert_eq!(control::calls("github", &code, since).await.len(), 1);
}

#[tokio::test]
async fn a_code_of_github_is_held_against_what_was_asked_for() {
    let server = server_of_github(&[]).await;
    let away = departs(&server, "github").await;
    let back = signs_in(&away.url, None).await;
    assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_denied");
    let away = departs(&server, "github").await;
    let other = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let back = signs_in(&changed(&away.url, "code_challenge", Some(other)), Some(&somebody())).await;
    assert_eq!(fails(&server, callback(&away, &back, &away.carried)).await, "sign_in_failed");
    let wrong = server_of_github(&[("OAUTH_GITHUB_SECRET", "another")]).await;
    let away = departs(&wrong, "github").await;
    let back = signs_in(&away.url, Some(&somebody())).await;
    assert_eq!(fails(&wrong, callback(&away, &back, &away.carried)).await, "misconfigured");
    // What belongs to one provider ends at no other.
    let both = server_of_github(&[("OAUTH_GOOGLE_ID", "google-client"), ("OAUTH_GOOGLE_SECRET", "secret")]).await;
    let away = departs(&both, "github").await;
    let back = signs_in(&away.url, Some(&somebody())).await;
    let at_google = format!("/auth/google/callback?{}", back.query().unwrap());
    let at_google = call("GET", &at_google).header("cookie", &away.carried);
    assert_eq!(fails(&both, at_google).await, "sign_in_expired");
    let carried = arrives(&both, &away, &back).await;
    both.send(finish("google", &carried)).await.problem(400, "sign_in_expired");
    both.send(finish("github", &carried)).await.expect(201);
}

#[tokio::test]
async fn browsers_are_sent_to_google_with_all_that_it_asks_for() {
    let server = server_with(&[
        ("PUBLIC_ORIGIN", ORIGIN),
        ("OAUTH_GOOGLE_ID", "google-client"),
        ("OAUTH_GOOGLE_SECRET", "google-secret"),
    ])
    .await;
    let answer = server.send(start("google", "login")).await.expect(200);
    let url = Url::parse(&text(&answer.json()["url"])).unwrap();
    assert_eq!((url.host_str(), url.path()), (Some("accounts.google.com"), "/o/oauth2/v2/auth"));
    let told = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "google-client"),
        ("redirect_uri", "https://chat.example/api/v1/auth/google/callback"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(told(name), value);
    }
    assert!([told("state"), told("nonce"), told("code_challenge")].iter().all(|text| text.len() == 43), "{url}");
    assert!(!url.as_str().contains("google-secret"));
}
