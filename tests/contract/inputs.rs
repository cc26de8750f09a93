//! What the contract says of an input and what the server takes are the same.

use serde_json::{Value, json};
use tests::{Answer, Call, Contract, Visitor};
use uuid::Uuid;

/// Whether a schema of the document takes a value.
fn is_in_the_contract(schema: &Value, value: &Value) -> bool {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": Contract::the().document()["components"],
        "allOf": [schema],
    });
    jsonschema::options().should_validate_formats(true).build(&whole).expect("a valid schema").is_valid(value)
}

/// Whether the server takes an input: whatever it says then is about something else.
fn is_taken(answer: &Answer) -> bool {
    let is_refused = [400, 413, 415].contains(&answer.status);
    if is_refused {
        answer.any_problem();
    }
    !is_refused
}

#[tokio::test]
async fn the_contract_and_the_server_agree_on_bodies() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let nowhere = Uuid::now_v7();
    let message = "/api/v1/chat/sessions/{id}/messages/{message_id}";
    let titles = [
        json!("a"),
        json!(" a "),
        json!("x".repeat(255)),
        json!("x".repeat(256)),
        json!(""),
        json!(" "),
        json!("\u{200b}"),
        json!("\u{3164}"),
        json!("\u{2800}"),
        json!("\u{202e}\u{fe0f}"),
        json!("\n"),
        json!(null),
        json!(5),
    ];
    let mut bodies: Vec<(&str, String, Value)> = Vec::new();
    for title in titles {
        bodies.push(("post", "/api/v1/chat/sessions".to_owned(), json!({"title": title})));
        bodies.push(("patch", "/api/v1/chat/sessions/{id}".to_owned(), json!({"title": title})));
    }
    for content in
        [json!(""), json!("\t"), json!("\u{feff}"), json!("\u{2060}\u{2800}"), json!(null), json!(["a"]), json!("seen")]
    {
        bodies.push(("put", message.to_owned(), json!({"content": content})));
        bodies.push((
            "post",
            "/api/v1/chat/sessions/{id}/messages".to_owned(),
            json!({"content": content, "parent_id": nowhere}),
        ));
    }
    for (action, wishes) in [
        (
            "/regenerate",
            [json!(null), json!({}), json!({"stream": true}), json!({"stream": null}), json!({"x": 1}), json!([])],
        ),
        (
            "/continue",
            [json!(null), json!({}), json!({"stream": false}), json!({"stream": "no"}), json!("x"), json!(0)],
        ),
        (
            "/stop",
            [
                json!(null),
                json!({}),
                json!({"seen": 1}),
                json!({"seen": null}),
                json!({"seen": -1}),
                json!({"seen": 1.5}),
            ],
        ),
    ] {
        bodies.extend(wishes.into_iter().map(|wish| ("post", format!("{message}{action}"), wish)));
    }
    bodies
        .extend([json!(null), json!({}), json!({"a": 1})].map(|body| ("post", "/api/v1/auth/guest".to_owned(), body)));
    for (method, path, body) in bodies {
        let schema =
            &Contract::the().document()["paths"][&path][method]["requestBody"]["content"]["application/json"]["schema"];
        let known = is_in_the_contract(schema, &body);
        // Of these only the session exists, so that nothing is asked or written but titles.
        let path = path.replace("{id}", &session).replace("{message_id}", &nowhere.to_string());
        let answer =
            visitor.server().send(Call::new(&method.to_uppercase(), path).token(&visitor.token).json(&body)).await;
        assert_eq!(is_taken(&answer), known, "{} with {body}: {}", answer.call, answer.shown());
        if answer.status == 201
            && let Some(id) = answer.json()["id"].as_str()
        {
            visitor.call("DELETE", &format!("/chat/sessions/{id}"), None).await.expect(200);
        }
    }
    assert!(visitor.model_calls().await.is_empty());
    visitor.leaves().await;
}

#[tokio::test]
async fn the_contract_and_the_server_agree_on_headers() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let nowhere = Uuid::now_v7();
    let path = "/api/v1/chat/sessions/{id}/messages/{message_id}";
    let long = "k".repeat(255);
    let too_long = "k".repeat(256);
    let keys = [
        "a",
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
        "a b",
        "a,b",
        "\"quoted\"",
        "\"\"",
        "\"half",
        "\"a\\\"b\"",
        "\"a,b\"",
        &long,
        &too_long,
        "\u{e9}",
    ];
    let ids = ["0-0-0", "12-345-6", "x", "1-2", "1-2-3-4", "-1-2-3", "0x1-0-0"];
    for (method, path, name, values) in [
        ("post", format!("{path}/regenerate"), "Idempotency-Key", keys.as_slice()),
        ("get", format!("{path}/stream"), "Last-Event-ID", ids.as_slice()),
    ] {
        let parameters = Contract::the().document()["paths"][&path][method]["parameters"].as_array().unwrap();
        let schema = &parameters.iter().find(|parameter| parameter["name"] == name).unwrap()["schema"];
        let path = path.replace("{id}", &session).replace("{message_id}", &nowhere.to_string());
        for value in values {
            let call = Call::new(&method.to_uppercase(), path.as_str()).token(&visitor.token).header(name, value);
            let answer = visitor.server().send(call).await;
            assert_eq!(
                is_taken(&answer),
                is_in_the_contract(schema, &json!(value)),
                "{name}: {value}: {}",
                answer.shown()
            );
        }
    }
    visitor.leaves().await;
}
