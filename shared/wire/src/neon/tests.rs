//! What Neon's proxy sends and what its official driver expects, and that nothing it sends can make the parser fail otherwise.

use proptest::prelude::*;

use super::*;

const SELECT_ONE: &str = r#"{"fields":[{"name":"id","dataTypeID":23,"tableID":0,"columnID":0,"dataTypeSize":4,"dataTypeModifier":-1,"format":"text"}],"rows":[["1"]],"command":"SELECT","rowCount":1,"rowAsArray":true}"#;

fn error_body(message: &str, code: &str) -> String {
    serde_json::json!({"message": message, "code": code, "detail": null, "severity": "", "constraint": null})
        .to_string()
}

#[test]
fn a_statement_travels_as_the_official_driver_sends_it() {
    let statement = Statement { text: "select $1::int as id", params: vec![Param::from(5)] };
    assert_eq!(
        String::from_utf8(request_body(&statement)).unwrap(),
        r#"{"query":"select $1::int as id","params":["5"]}"#
    );
}

#[test]
fn every_kind_of_parameter_becomes_text_or_null() {
    let params = vec![
        Param::from("a\"b"),
        Param::from(String::from("ü")),
        Param::from(-7),
        Param::from(None::<i64>),
        Param::from(Some("x")),
    ];
    let body: serde_json::Value =
        serde_json::from_slice(&request_body(&Statement { text: "select 1", params })).unwrap();
    assert_eq!(body["params"], serde_json::json!(["a\"b", "ü", "-7", null, "x"]));
}

#[test]
fn the_headers_ask_for_text_in_arrays() {
    let [connection, raw, array] = headers("postgres://u:p@h.example/db");
    assert_eq!(connection, ("neon-connection-string", "postgres://u:p@h.example/db".to_owned()));
    assert_eq!(raw, ("neon-raw-text-output", "true".to_owned()));
    assert_eq!(array, ("neon-array-mode", "true".to_owned()));
}

#[test]
fn rows_are_read_by_name_and_type() {
    let rows = parse_response(200, SELECT_ONE.as_bytes()).unwrap();
    assert_eq!((rows.iter().len(), rows.first().unwrap().integer("id")), (1, Ok(1)));

    let body = r#"{"fields":[{"name":"title"},{"name":"model"},{"name":"count"}],"rows":[["a",null,"-9223372036854775808"]],"rowCount":null}"#;
    let rows = parse_response(200, body.as_bytes()).unwrap();
    let row = rows.first().unwrap();
    assert_eq!((row.text("title"), row.integer("count")), (Ok("a"), Ok(i64::MIN)));
    assert_eq!((row.optional_text("model"), row.optional_integer("model")), (Ok(None), Ok(None)));
    for wrong in [row.text("model").err(), row.integer("model").err(), row.integer("title").err()] {
        assert!(matches!(wrong, Some(SqlError::Malformed(_))), "{wrong:?}");
    }
    for missing in [row.text("name").err(), row.optional_integer("Title").err(), row.optional_text("").err()] {
        assert!(matches!(missing, Some(SqlError::NoColumn(_))), "{missing:?}");
    }
}

#[test]
fn an_answer_without_rows_is_empty_and_no_error() {
    let rows = parse_response(200, br#"{"fields":[{"name":"id"}],"rows":[],"command":"SELECT","rowCount":0}"#).unwrap();
    assert!(rows.is_empty() && rows.first().is_none());
}

#[test]
fn a_postgres_error_keeps_its_sqlstate() {
    let body = r#"{"message":"duplicate key value","code":"23505","severity":"ERROR","constraint":"chat_messages_pkey","position":null}"#;
    assert_eq!(
        parse_response(400, body.as_bytes()),
        Err(SqlError::Database { sqlstate: "23505".into(), message: "duplicate key value".into() })
    );
}

#[test]
fn what_did_not_run_is_told_from_what_may_have_run() {
    let did_not_run = |status, body: &str| match parse_response(status, body.as_bytes()) {
        Err(SqlError::Rejected { status: told, .. }) => {
            assert_eq!(told, status);
            true
        }
        Err(SqlError::OutcomeUnknown { status: told, .. }) => {
            assert_eq!(told, Some(status));
            false
        }
        other => panic!("{status} {body}: {other:?}"),
    };
    for (status, body) in [
        (400, error_body("password authentication failed for user 'edgewise'", "")),
        (400, r#""query is not supported""#.to_owned()),
        (400, error_body("invalid isolation level", "")),
        (413, error_body("request is too large (max is 10485760 bytes)", "")),
        (429, r#"{"msg":"too many requests"}"#.to_owned()),
        (500, error_body("Control plane request failed", "")),
        (503, r#"{"msg":"unavailable"}"#.to_owned()),
    ] {
        assert!(did_not_run(status, &body), "{status} {body}");
    }
    for (status, body) in [
        (400, error_body("connection closed", "")),
        (400, r#"{"message":"Query cancelled, connection was terminated","code":"08P01"}"#.to_owned()),
        (408, r#"{"msg":"timeout"}"#.to_owned()),
        (500, error_body("Internal error", "")),
        (507, error_body("response is too large (max is 10485760 bytes)", "")),
        (502, "<html>bad gateway</html>".to_owned()),
        (504, String::new()),
    ] {
        assert!(!did_not_run(status, &body), "{status} {body}");
    }
}

#[test]
fn a_200_of_another_shape_is_malformed() {
    for body in [
        "",
        "{}",
        "[]",
        "nonsense",
        r#"{"rows":[]}"#,
        r#"{"fields":[{"name":"id"}],"rows":[{"id":1}]}"#,
        r#"{"fields":[{"name":"id"}],"rows":[[1]]}"#,
        r#"{"fields":[{"name":"id"}],"rows":[["1","2"]]}"#,
        r#"{"fields":[{}],"rows":[["1"]]}"#,
    ] {
        assert!(matches!(parse_response(200, body.as_bytes()), Err(SqlError::Malformed(_))), "{body}");
    }
}

#[test]
fn the_endpoint_is_the_drivers() {
    for (url, endpoint) in [
        ("postgres://u:p@ep-cool-1.eu-central-1.aws.neon.tech/db", "https://api.eu-central-1.aws.neon.tech/sql"),
        ("postgresql://u:p@ep-x-pooler.c-2.aws.neon.tech/db?sslmode=require", "https://api.c-2.aws.neon.tech/sql"),
        ("postgres://u:p%40ss@host.name:5432/db", "https://api.name/sql"),
        ("postgres://u:p@ss@host.name/db", "https://api.name/sql"),
    ] {
        assert_eq!(sql_endpoint(url).as_deref(), Ok(endpoint), "{url}");
    }
}

#[test]
fn a_url_without_an_endpoint_is_refused_for_its_reason() {
    for (url, reason) in [
        ("", UrlError::Scheme),
        ("mysql://u:p@host.name/db", UrlError::Scheme),
        ("https://host.name/sql", UrlError::Scheme),
        ("postgres://host.name/db", UrlError::Credentials),
        ("postgres://u@host.name/db", UrlError::Credentials),
        ("postgres://:p@host.name/db", UrlError::Credentials),
        ("postgres://u:p@/db", UrlError::Host),
        ("postgres://u:p@localhost/db", UrlError::Host),
        ("postgres://u:p@127.0.0.1/db", UrlError::Host),
        ("postgres://u:p@[::1]:5432/db", UrlError::Host),
        ("postgres://u:p@ho_st.name/db", UrlError::Host),
        ("postgres://u:p@host..name/db", UrlError::Host),
        ("postgres://u:p@evil.com\\.name/db", UrlError::Host),
        ("postgres://u:p@host.name:99999/db", UrlError::Port),
        ("postgres://u:p@host.name", UrlError::Database),
        ("postgres://u:p@host.name/?x=1", UrlError::Database),
    ] {
        assert_eq!(sql_endpoint(url), Err(reason), "{url}");
    }
}

proptest! {
    #[test]
    fn any_answer_is_rows_or_an_error(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_response(status, &body);
    }

    #[test]
    fn an_answer_cut_anywhere_is_malformed(at in 0..SELECT_ONE.len()) {
        prop_assert!(matches!(parse_response(200, &SELECT_ONE.as_bytes()[..at]), Err(SqlError::Malformed(_))));
    }

    #[test]
    fn parameters_round_trip(texts in proptest::collection::vec(proptest::option::of(any::<String>()), 0..8)) {
        let params: Vec<Param> = texts.iter().cloned().map(Param::from).collect();
        let body: serde_json::Value = serde_json::from_slice(&request_body(&Statement { text: "select 1", params })).unwrap();
        prop_assert_eq!(&body["params"], &serde_json::json!(texts));
    }

    #[test]
    fn cells_round_trip(cells in proptest::collection::vec(proptest::option::of(any::<String>()), 0..8)) {
        let fields: Vec<_> = (0..cells.len()).map(|i| serde_json::json!({"name": i.to_string()})).collect();
        let body = serde_json::json!({"fields": fields, "rows": [cells], "rowCount": 1}).to_string();
        let rows = parse_response(200, body.as_bytes()).unwrap();
        for (i, cell) in cells.iter().enumerate() {
            prop_assert_eq!(rows.first().unwrap().optional_text(&i.to_string()).unwrap(), cell.as_deref());
        }
    }

    #[test]
    fn any_url_is_an_endpoint_or_refused(url in "(postgres://)?[ -~]{0,60}") {
        if let Ok(endpoint) = sql_endpoint(&url) {
            prop_assert!(endpoint.starts_with("https://api.") && endpoint.ends_with("/sql"));
            prop_assert!(endpoint[12..endpoint.len() - 4].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
        }
    }
}
