//! What a provider says of somebody, true and untrue.

use serde_json::{Value, json};

use super::*;
use crate::fixtures::{Server, now};

const ISSUER: &str = "https://i.example";

fn client() -> Client<'static> {
    Client { id: "me", secret: "s", redirect_uri: "https://c.example/callback" }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A token of the 1000th second, with these claims on top.
fn token(claims: &Value) -> IdToken {
    let mut all = json!({"iss": ISSUER, "sub": "42", "aud": "me", "iat": 1000, "exp": 4600, "nonce": "n"});
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

#[test]
fn a_token_holds_for_its_time_its_client_and_its_nonce() {
    let read = |claims: Value, second| vouched_for(&token(&claims), ISSUER, "me", "n", at(second));
    let good = VouchedFor { identity: Identity::new(ISSUER, "42").unwrap(), email: None };
    for second in [1000, 1000 - 60, 1600] {
        assert_eq!(read(json!({}), second), Ok(good.clone()), "{second}");
    }
    for (claims, second, fault) in [
        (json!({"iss": "https://i.example/"}), 1000, "another issuer"),
        (json!({"aud": "other"}), 1000, "another client"),
        (json!({"aud": ["me", "other"]}), 1000, "another client"),
        (json!({"azp": "other"}), 1000, "another client"),
        (json!({"exp": 940}), 1000, "it has ended"),
        (json!({}), 939, "made in the future"),
        (json!({}), 1601, "made long ago"),
        (json!({"nonce": "other"}), 1000, "another nonce"),
        (json!({"nonce": null}), 1000, "another nonce"),
        (json!({"sub": ""}), 1000, "no subject"),
        (json!({"sub": "a\nb"}), 1000, "no subject"),
    ] {
        assert_eq!(read(claims.clone(), second), Err(ProviderFault::WrongToken(fault)), "{claims} at {second}");
    }
}

#[test]
fn an_address_counts_where_the_provider_knows_whose_it_is_now() {
    let email = |issuer: &str, claims: Value| {
        let mut all = claims;
        all["iss"] = issuer.into();
        vouched_for(&token(&all), issuer, "me", "n", at(1000)).unwrap().email
    };
    let verified = |address: &str| json!({"email": address, "email_verified": true});
    assert_eq!(email(ISSUER, verified("a@b.example")).as_deref(), Some("a@b.example"));
    assert_eq!(email(ISSUER, json!({"email": "a@b.example", "email_verified": false})), None);
    assert_eq!(email(ISSUER, json!({"email": "a@b.example"})), None);
    assert_eq!(email(GOOGLE, verified("a@gmail.com")).as_deref(), Some("a@gmail.com"));
    assert_eq!(email(GOOGLE, verified("a@b.example")), None);
    assert_eq!(email(GOOGLE, verified("a@notgmail.com")), None);
    let kept = json!({"email": "a@b.example", "email_verified": true, "hd": "b.example"});
    assert_eq!(email(GOOGLE, kept).as_deref(), Some("a@b.example"));
}

fn discovered(issuer: &str, status: u16, metadata: &Value) -> Result<Endpoints, ProviderFault> {
    let http: Rc<dyn HttpClient> = Server::with([Ok((status, metadata.to_string()))]);
    now(Endpoints::discover(&http, issuer))
}

#[test]
fn metadata_is_of_the_issuer_that_was_asked_and_leads_nowhere_without_tls() {
    let metadata = |issuer: &str, scheme: &str| {
        json!({"issuer": issuer, "authorization_endpoint": "https://i.example/a",
            "token_endpoint": format!("{scheme}://i.example/t"), "authorization_response_iss_parameter_supported": true})
    };
    let found = discovered(ISSUER, 200, &metadata(ISSUER, "https")).unwrap();
    assert_eq!((found.token.as_str(), found.names_itself), ("https://i.example/t", true));
    for other in ["https://i.example/", "https://other.example", "http://i.example"] {
        let error = discovered(ISSUER, 200, &metadata(other, "https")).unwrap_err();
        assert_eq!(error, ProviderFault::WrongMetadata("another issuer"), "{other}");
    }
    let error = discovered(ISSUER, 200, &metadata(ISSUER, "http")).unwrap_err();
    assert_eq!(error, ProviderFault::WrongMetadata("an address without TLS"));
    let local = "http://127.0.0.1:1";
    assert!(discovered(local, 200, &metadata(local, "http")).is_ok());
    assert!(matches!(
        discovered(ISSUER, 500, &metadata(ISSUER, "https")),
        Err(ProviderFault::Unclear { status: 500, .. })
    ));
    assert!(matches!(discovered(ISSUER, 200, &json!({})), Err(ProviderFault::Unclear { status: 200, .. })));
}

#[test]
fn what_a_token_endpoint_refuses_says_who_is_to_blame() {
    let redeemed = |status, answer: Value| {
        let http: Rc<dyn HttpClient> = Server::with([Ok((status, answer.to_string()))]);
        now(Endpoints::google().redeem(&http, &client(), "code", "verifier")).map(|_| ())
    };
    assert_eq!(redeemed(200, json!({"id_token": "a.b.c"})), Ok(()));
    for (status, error, expected) in [
        (401, "invalid_client", ProviderFault::WrongClient),
        (200, "incorrect_client_credentials", ProviderFault::WrongClient),
        (400, "invalid_grant", ProviderFault::WrongCode),
        (200, "bad_verification_code", ProviderFault::WrongCode),
        (400, "invalid_request", ProviderFault::Unclear { what: "tokens", status: 400 }),
    ] {
        assert_eq!(redeemed(status, json!({"error": error})), Err(expected), "{error}");
    }
    assert_eq!(redeemed(503, json!({})), Err(ProviderFault::Unclear { what: "tokens", status: 503 }));
}

#[test]
fn github_is_asked_where_its_api_is() {
    for (base, api) in [
        ("https://github.com", "https://api.github.com"),
        ("https://works.ghe.com", "https://api.works.ghe.com"),
        ("https://github.works.example", "https://github.works.example/api/v3"),
        ("http://127.0.0.1:1/github", "http://127.0.0.1:1/github/api/v3"),
    ] {
        assert_eq!(github_api(base), api);
    }
}

#[test]
fn github_vouches_for_a_number_and_an_address_that_cannot_be_read_is_none() {
    let tokens = || Ok((200, json!({"access_token": "a"}).to_string()));
    let user = |http: &Rc<dyn HttpClient>| now(by_github(http, "https://github.com", &client(), "code", "verifier"));
    let http: Rc<dyn HttpClient> = Server::with([
        tokens(),
        Ok((200, json!({"login": "octocat", "id": 583_231}).to_string())),
        Ok((403, json!({"message": "no"}).to_string())),
    ]);
    let found = user(&http).unwrap();
    assert_eq!(found.identity, Identity::new("https://github.com", "583231").unwrap());
    assert_eq!(now(found.verified_email(&http)), None);
    let http: Rc<dyn HttpClient> = Server::with([tokens(), Ok((401, json!({"id": 1}).to_string()))]);
    assert_eq!(user(&http).unwrap_err(), ProviderFault::Unclear { what: "user", status: 401 });
}
