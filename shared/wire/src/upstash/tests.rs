//! What Upstash (and the gateways that imitate it) answer, and what its official client sends.

use proptest::prelude::*;

use super::*;

fn plain(body: &str) -> Result<Reply, RedisError> {
    parse_reply(200, body.as_bytes(), Encoding::Plain)
}

fn base64(body: &str) -> Result<Reply, RedisError> {
    parse_reply(200, body.as_bytes(), Encoding::Base64)
}

#[test]
fn scripts_travel_as_arrays_of_words_and_carry_the_count_of_their_keys() {
    let command = eval("return 1", &["a", "b"], &["v \"1\""]);
    assert_eq!(String::from_utf8(command.body()).unwrap(), r#"["EVAL","return 1","2","a","b","v \"1\""]"#);
    let command = eval_sha("e0e1", &["a"], &["1"]);
    assert_eq!(String::from_utf8(command.body()).unwrap(), r#"["EVALSHA","e0e1","1","a","1"]"#);
    let missing = plain(r#"{"error":"NOSCRIPT No matching script. Please use EVAL."}"#);
    assert!(missing.is_err_and(|error| error.is_missing_script()));
    let command = eval::<&str, &str>("return 1", &[], &[]);
    assert_eq!(String::from_utf8(command.body()).unwrap(), r#"["EVAL","return 1","0"]"#);
}

#[test]
fn a_pipeline_is_an_array_of_commands_and_its_answer_one_of_replies() {
    let commands = [Command::new(["TIME"]), Command::new(["GET", "k"])];
    assert_eq!(String::from_utf8(pipeline_body(&commands)).unwrap(), r#"[["TIME"],["GET","k"]]"#);
    let plain = |body: &str| parse_pipeline(200, body.as_bytes(), Encoding::Plain);
    let replies = plain(r#"[{"result":["1","2"]},{"result":null}]"#).unwrap();
    assert_eq!((replies[0].item(1).unwrap().text(), &replies[1]), (Ok("2"), &Reply::Null));
    let failed = plain(r#"[{"result":"OK"},{"error":"WRONGTYPE Operation"}]"#);
    assert_eq!(failed, Err(RedisError::Command("WRONGTYPE Operation".to_owned())));
    assert_eq!(plain(r#"{"error":"ERR wrong"}"#), Err(RedisError::Command("ERR wrong".to_owned())));
    assert!(matches!(plain(r#"{"result":"OK"}"#), Err(RedisError::Malformed(_))));
    let limit = parse_pipeline(429, br#"{"error":"ERR max requests limit exceeded"}"#, Encoding::Plain);
    assert!(matches!(limit, Err(RedisError::Limit(_))), "{limit:?}");
}

#[test]
fn the_headers_carry_the_token_and_the_encoding() {
    assert_eq!(
        headers("T", Encoding::Base64),
        [
            ("authorization", "Bearer T".to_owned()),
            ("content-type", "application/json".to_owned()),
            ("upstash-encoding", "base64".to_owned())
        ]
    );
    assert_eq!(headers("T", Encoding::Plain).len(), 2);
}

#[test]
fn replies_of_every_type_are_read() {
    assert_eq!(plain(r#"{"result":null}"#), Ok(Reply::Null));
    assert_eq!(plain(r#"{"result":-3}"#).unwrap().integer(), Ok(-3));
    assert_eq!(plain(r#"{"result":"42"}"#).unwrap().integer(), Ok(42));
    assert_eq!(plain(r#"{"result":"hello"}"#).unwrap().text(), Ok("hello"));
    let nested = plain(r#"{"result":[1,[null,"a"]]}"#).unwrap();
    assert_eq!(nested.item(1).unwrap().item(1).unwrap().text(), Ok("a"));
    assert_eq!(Reply::Null.optional_text(), Ok(None));
    for wrong in [nested.integer().err(), nested.item(2).err(), Reply::Integer(1).text().err()] {
        assert!(matches!(wrong, Some(RedisError::Malformed(_))), "{wrong:?}");
    }
}

#[test]
fn base64_strings_are_decoded_and_ok_comes_either_way() {
    assert_eq!(base64(r#"{"result":"OK"}"#).unwrap().text(), Ok("OK"));
    assert_eq!(base64(r#"{"result":"T0s="}"#).unwrap().text(), Ok("OK"));
    assert_eq!(base64(r#"{"result":[5,"aGVsbG8=",null]}"#).unwrap().item(1).unwrap().text(), Ok("hello"));
    assert_eq!(base64(r#"{"result":"/wA="}"#), Ok(Reply::Text(vec![0xFF, 0])));
    assert!(matches!(base64(r#"{"result":"/wA="}"#).unwrap().text(), Err(RedisError::Malformed(_))));
    assert!(matches!(base64(r#"{"result":"not base64!"}"#), Err(RedisError::Malformed(_))));
}

#[test]
fn a_plan_limit_is_redis_down_and_not_a_refused_visitor() {
    for (status, body) in [
        (400, r#"{"error":"ERR max daily request limit exceeded. Limit: 10000"}"#),
        (200, r#"{"error":"ERR max requests limit exceeded"}"#),
        (400, r#"{"error":"ERR max request size exceeded"}"#),
        (429, r#"{"error":"slow down"}"#),
    ] {
        let outcome = parse_reply(status, body.as_bytes(), Encoding::Plain);
        assert!(matches!(outcome, Err(RedisError::Limit(_))), "{body}: {outcome:?}");
    }
}

#[test]
fn errors_are_told_apart() {
    let error = |status, body: &str| parse_reply(status, body.as_bytes(), Encoding::Base64).unwrap_err();
    assert_eq!(
        error(400, r#"{"error":"ERR unknown command 'X'"}"#),
        RedisError::Command("ERR unknown command 'X'".into())
    );
    assert_eq!(
        error(400, r#"{"error":"NOSCRIPT No matching script."}"#),
        RedisError::Command("NOSCRIPT No matching script.".into())
    );
    assert_eq!(error(401, r#"{"error":"Unauthorized"}"#), RedisError::Unauthorized);
    assert_eq!(error(400, r#"{"error":"WRONGPASS invalid or missing auth token"}"#), RedisError::Unauthorized);
    assert!(matches!(error(500, r#"{"error":"SRH: Unable to connect"}"#), RedisError::Unavailable { status: 500, .. }));
    assert!(matches!(error(502, "<html>"), RedisError::Unavailable { status: 502, .. }));
    assert!(matches!(error(404, ""), RedisError::Unavailable { status: 404, .. }));
    for body in ["", "{}", "[]", "7", r#"{"result":{}}"#, r#"{"result":true}"#, "garbage"] {
        assert!(matches!(error(200, body), RedisError::Malformed(_)), "{body}");
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let deep = format!(r#"{{"result":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(plain(&deep), Err(RedisError::Malformed(_))));
}

proptest! {
    #[test]
    fn any_answer_is_a_reply_or_an_error(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_reply(status, &body, Encoding::Base64);
        let _ = parse_reply(status, &body, Encoding::Plain);
    }

    #[test]
    fn any_bytes_round_trip_in_base64(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let body = format!(r#"{{"result":"{}"}}"#, STANDARD.encode(&bytes));
        prop_assert_eq!(base64(&body), Ok(Reply::Text(bytes)));
    }

    #[test]
    fn any_words_round_trip(words in proptest::collection::vec(any::<String>(), 1..6)) {
        let read: Vec<String> = serde_json::from_slice(&eval(&words[0], &words, &words).body()).unwrap();
        let count = words.len().to_string();
        prop_assert_eq!(read, [&["EVAL".to_owned(), words[0].clone(), count], &*words, &*words].concat());
    }

    #[test]
    fn an_answer_cut_anywhere_is_malformed(at in 0usize..32) {
        let body = br#"{"result":[1,"aGVsbG8=",null,[]]}"#;
        prop_assert!(matches!(parse_reply(200, &body[..at], Encoding::Base64), Err(RedisError::Malformed(_))));
    }
}
