//! What a monitor of the operator's is told of what the chat stands on.

use serde_json::{Value, json};
use tests::{Answer, Call, Server, control};

/// What a monitor shows there.
const METRICS_TOKEN: &str = "the token of the contract's own monitor";

fn look(deep: &str) -> Call {
    Call::new("GET", format!("/api/v1/health?deep={deep}")).token(METRICS_TOKEN)
}

/// Of a status of 503 it is no problem of the caller's, so its body is no error's.
async fn found(server: &Server, deep: &str) -> (u16, Value) {
    let Answer { status, body, .. } = server.send_outside_the_contract(look(deep)).await;
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn a_monitor_is_told_in_a_word_what_answers_and_nobody_else_is() {
    let server = Server::started_with(&[("METRICS_TOKEN", METRICS_TOKEN)]).await;
    let since = control::newest().await;
    let almost = &METRICS_TOKEN[..METRICS_TOKEN.len() - 1];
    for call in [Call::new("GET", "/api/v1/health?deep=1"), look("1").token(almost), look("db").token("x")] {
        server.send(call).await.problem(401, "unauthenticated");
    }
    assert_eq!(server.send(look("all")).await.problem(400, "invalid_request")["field"], "deep");
    // As light as ever.
    let health = server.send(Call::new("GET", "/api/v1/health")).await.expect(200).json();
    assert_eq!(health.as_object().unwrap().len(), 2, "{health}");
    assert!(control::calls("sql", &control::tag("read_schema_version"), since).await.is_empty());
    Server::under_test().send(look("1")).await.problem(404, "not_found");

    let well = server.send(look("1")).await.expect(200).json();
    assert_eq!([&well["status"], &well["redis"], &well["model"]], [&json!("ok"); 3], "{well}");
    assert_eq!(well["database"], Value::Null, "{well}");
    assert!(control::calls("sql", &control::tag("read_schema_version"), since).await.is_empty());
    let well = server.send(look("db")).await.expect(200).json();
    assert_eq!((&well["database"], &well["schema"]["age"]), (&json!("ok"), &json!("current")), "{well}");

    // An older schema is said plainly and is a fault: what is asked for may be missing. With a newer one all goes on.
    let is = well["schema"]["version"].as_i64().unwrap();
    for (version, age, status, word) in [(is - 1, "older", 503, "failing"), (is + 1, "newer", 200, "ok")] {
        let row = json!({"fields": [{"name": "version"}], "rows": [[version.to_string()]], "command": "SELECT", "rowCount": 1});
        let fault = json!({"status": 200, "body": row.to_string()});
        let struck = control::fault("sql", &control::tag("read_schema_version"), fault, Some(1)).await;
        let (answered, told) = found(&server, "db").await;
        assert_eq!(struck.lift().await, 1);
        assert_eq!((answered, &told["status"], &told["database"]), (status, &json!(word), &json!("ok")), "{told}");
        assert_eq!(told["schema"], json!({"version": version, "age": age}), "{told}");
    }

    // So is a database that does not answer.
    let rows = json!({"status": 500, "body": "{\"message\":\"secret words of the store\"}"});
    let struck = control::fault("sql", &control::tag("read_schema_version"), rows, Some(1)).await;
    let (status, ill) = found(&server, "db").await;
    struck.lift().await;
    assert_eq!(
        (status, &ill["status"], &ill["redis"], &ill["database"]),
        (503, &json!("failing"), &json!("ok"), &json!("error"))
    );
    assert!(!ill.to_string().contains("secret"), "{ill}");
}
