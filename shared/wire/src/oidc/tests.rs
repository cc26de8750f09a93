//! Tokens and metadata, as they should be and as they should not.

use serde_json::json;

use super::*;

fn token(claims: &serde_json::Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[test]
fn a_providers_metadata_is_read() {
    let text = r#"{"issuer":"https://i.example","authorization_endpoint":"https://i.example/a","token_endpoint":"https://i.example/t","jwks_uri":"https://i.example/k"}"#;
    let plain = Discovery::parse(text.as_bytes()).unwrap();
    assert_eq!((plain.issuer.as_str(), plain.token_endpoint.as_str()), ("https://i.example", "https://i.example/t"));
    assert!(!plain.authorization_response_iss_parameter_supported && !plain.wants_secret_in_body());
    for (methods, expected) in [
        (json!([]), false),
        (json!(["client_secret_basic"]), false),
        (json!(["client_secret_basic", "client_secret_post"]), false),
        (json!(["client_secret_post"]), true),
        (json!(["private_key_jwt", "client_secret_post"]), true),
        (json!(["private_key_jwt"]), false),
    ] {
        let mut all: serde_json::Value = serde_json::from_str(text).unwrap();
        all["token_endpoint_auth_methods_supported"] = methods.clone();
        assert_eq!(Discovery::parse(all.to_string().as_bytes()).unwrap().wants_secret_in_body(), expected, "{methods}");
    }
    for wrong in ["", "<html>", "{}", "[]", r#"{"issuer":"https://i.example"}"#] {
        assert_eq!(Discovery::parse(wrong.as_bytes()), None, "{wrong}");
    }
}

#[test]
fn parameters_are_added_to_those_that_are_there() {
    let added = [("scope", "openid email"), ("redirect_uri", "https://c.example/a?b")];
    let written = "scope=openid+email&redirect_uri=https%3A%2F%2Fc.example%2Fa%3Fb";
    for (endpoint, expected) in [
        ("https://i.example/a", format!("https://i.example/a?{written}")),
        ("https://i.example/a?p=b2c", format!("https://i.example/a?p=b2c&{written}")),
        ("https://i.example/a?", format!("https://i.example/a?{written}")),
        ("https://i.example/a?p=b2c&", format!("https://i.example/a?p=b2c&{written}")),
    ] {
        assert_eq!(with_query(endpoint, &added), expected);
    }
}

#[test]
fn a_client_shows_itself_as_a_form_would_write_it() {
    // RFC 6749 §2.3.1, and a secret with characters that a form writes otherwise.
    assert_eq!(basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"), "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    assert_eq!(basic("a:b", "c d+e%"), format!("Basic {}", STANDARD.encode("a%3Ab:c+d%2Be%25")));
}

#[test]
fn a_token_is_for_the_client_that_it_names() {
    for (aud, azp, expected) in [
        (json!("me"), json!(null), true),
        (json!("me"), json!("me"), true),
        (json!("me"), json!("other"), false),
        (json!("other"), json!(null), false),
        (json!("other"), json!("me"), false),
        (json!(["me"]), json!(null), true),
        (json!(["me", "other"]), json!("me"), true),
        (json!(["me", "other"]), json!(null), false),
        (json!(["me", "other"]), json!("other"), false),
        (json!(["other"]), json!("me"), false),
        (json!([]), json!(null), false),
    ] {
        let claims = json!({"iss": "i", "sub": "s", "aud": aud, "azp": azp, "exp": 2, "iat": 1});
        assert_eq!(IdToken::parse(&token(&claims)).unwrap().is_for("me"), expected, "{claims}");
    }
}

#[test]
fn only_an_address_that_is_called_verified_is_one() {
    for (verified, expected) in [
        (json!(true), Some("a@b.example")),
        (json!("true"), Some("a@b.example")),
        (json!(false), None),
        (json!("false"), None),
        (json!("yes"), None),
        (json!(null), None),
    ] {
        let claims = json!({"iss": "i", "sub": "s", "aud": "me", "exp": 2, "iat": 1, "email": "a@b.example",
            "email_verified": verified});
        assert_eq!(IdToken::parse(&token(&claims)).unwrap().verified_email(), expected, "{verified}");
    }
}

#[test]
fn what_is_no_signed_token_says_nothing() {
    let claims = json!({"iss": "i", "sub": "s", "aud": "me", "exp": 2, "iat": 1});
    let whole = token(&claims);
    let unsigned = format!("{}.", whole.rsplit_once('.').unwrap().0);
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        token(&claims)
    };
    assert!(IdToken::parse(&whole).is_some());
    for wrong in ["", "..", "a.b.c", &unsigned, &format!("{whole}.x"), &whole[1..].replace("30", ""), "x"] {
        assert_eq!(IdToken::parse(wrong).filter(|_| wrong != &whole[1..]), None, "{wrong}");
    }
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        assert_eq!(IdToken::parse(&without(name)), None, "{name}");
    }
    let long = json!({"iss": "i", "sub": "s".repeat(MAX_BYTES), "aud": "me", "exp": 2, "iat": 1});
    assert_eq!(IdToken::parse(&token(&long)), None);
}

#[test]
fn a_token_endpoints_answer_is_read_whatever_it_is() {
    let read = |text: &str| TokenAnswer::parse(text.as_bytes());
    let token = read(r#"{"access_token":"a","id_token":"i","token_type":"bearer"}"#).unwrap();
    assert_eq!((token.access_token.as_deref(), token.id_token.as_deref()), (Some("a"), Some("i")));
    assert_eq!(read(r#"{"error":"invalid_grant"}"#).unwrap().error.as_deref(), Some("invalid_grant"));
    assert_eq!(read("access_token=a&scope="), None);
}
