//! Requests of `/sql`: addresses, headers, parameters.

use super::address::{Address, AddressError, Encryption};
use super::params;
use super::request::{Modes, Work, parse};
use http::HeaderMap;
use serde_json::value::RawValue;

#[test]
fn addresses_are_decoded_and_survive_a_round_trip() {
    let address =
        Address::parse("postgres://us%20er:p%40ss%2Fw@db.example:6543/my%20db?sslmode=require&application_name=x")
            .unwrap();
    assert_eq!(
        (address.user.as_str(), address.password.as_str(), address.database.as_str()),
        ("us er", "p@ss/w", "my db")
    );
    assert_eq!((address.host.as_str(), address.port, address.encryption), ("db.example", 6543, Encryption::On));
    assert_eq!(Address::parse(&address.url(None)).unwrap(), address);
    assert_eq!(Address::parse_neon(&address.url(Some("a.b"))).unwrap().password, "p@ss/w");
    let ipv6 = Address::parse("postgresql://u@[::1]").unwrap();
    assert_eq!((ipv6.host.as_str(), ipv6.port, ipv6.database.as_str()), ("::1", 5432, "u"));
    assert!(!format!("{address:?}").contains("p@ss"));
}

#[test]
fn neon_wants_a_name_and_credentials() {
    let error = |text: &str| Address::parse_neon(text).unwrap_err();
    assert_eq!(error("postgres://u:p@127.0.0.1/db"), AddressError::Host);
    assert_eq!(error("postgres://u:p@[::1]/db"), AddressError::Host);
    assert_eq!(error("postgres://u@host/db"), AddressError::Password);
    assert_eq!(error("postgres://host/db"), AddressError::User);
    assert_eq!(error("postgres://u:p@host"), AddressError::Database);
    assert_eq!(error("mysql://u:p@host/db"), AddressError::Scheme);
    assert!(matches!(error("nonsense"), AddressError::Malformed(_)));
}

#[test]
fn parameters_become_text() {
    let cases = [
        ("null", None),
        ("true", Some("true")),
        ("42", Some("42")),
        ("12345678901234567890.5", Some("12345678901234567890.5")),
        (r#""a\u00e9\"""#, Some("aé\"")),
        (r#"{"a":[1]}"#, Some(r#"{"a":[1]}"#)),
        ("[]", Some("{}")),
        (r#"[1,"a",null,[true,"x\"y\\z"]]"#, Some(r#"{1,"a",NULL,{true,"x\"y\\z"}}"#)),
        (r#"[{"a":"b"}]"#, Some(r#"{"{\"a\":\"b\"}"}"#)),
    ];
    for (json, wanted) in cases {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        assert_eq!(params::text(&raw).unwrap().as_deref(), wanted, "{json}");
    }
    let lone: Box<RawValue> = serde_json::from_str(r#""\ud800""#).unwrap();
    assert!(params::text(&lone).is_err());
}

fn modes(headers: &[(&'static str, &'static str)]) -> Modes {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Modes::parse(&map)
}

#[test]
fn transactions_begin_as_the_headers_say() {
    let begin = |headers: &[(&'static str, &'static str)]| match parse(br#"{"queries":[]}"#, &modes(headers)) {
        Ok(Work::Transaction { begin, .. }) => begin,
        other => panic!("{other:?}"),
    };
    assert_eq!(begin(&[]), "START TRANSACTION");
    let all = [
        ("neon-batch-isolation-level", "Serializable"),
        ("neon-batch-read-only", "true"),
        ("neon-batch-deferrable", "true"),
    ];
    assert_eq!(begin(&all), "START TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE");
    assert_eq!(begin(&[("neon-batch-read-only", "True")]), "START TRANSACTION");
    let wrong = parse(br#"{"queries":[]}"#, &modes(&[("neon-batch-isolation-level", "serializable")]));
    assert_eq!(wrong.unwrap_err().to_string(), "invalid isolation level");
}

#[test]
fn bodies() {
    let with_header = modes(&[("neon-array-mode", "true")]);
    let body = br#"{"queries":[{"query":"a"},{"query":"b","params":[1],"arrayMode":false,"more":1}]}"#;
    let work = parse(body, &with_header).unwrap();
    let shown: Vec<_> = work.statements().iter().map(|s| (s.sql.as_str(), s.params.len(), s.rows_as_arrays)).collect();
    assert_eq!(shown, [("a", 0, true), ("b", 1, false)]);
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"query":1}"#,
        r#"{"query":"a","params":null}"#,
        r#"{"query":"\ud800"}"#,
        r#"{"queries":{}}"#,
    ] {
        assert!(parse(wrong.as_bytes(), &with_header).is_err(), "{wrong}");
    }
}
