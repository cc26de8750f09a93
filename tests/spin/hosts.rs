//! A component that tries a host outside its list is refused, and the refusal is an error like any other.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::json;
use tests::{Server, Visitor, eventually};

/// Nobody is there; and nobody is asked, because it is the list that says no to the real address.
const ELSEWHERE: &str = "https://elsewhere.invalid";

/// What the refusal is called in the log.
const REFUSAL: &str = "allowed_outbound_hosts";

async fn check_log_names_the_refusal(server: &Server) {
    eventually("the log says who was refused", || async {
        let output = server.output().join("\n");
        if output.contains(REFUSAL) { Ok(()) } else { Err(output) }
    })
    .await;
}

#[tokio::test]
async fn a_model_outside_the_list_is_a_provider_error_that_costs_nothing() {
    // Somewhere the stores are not, whose list would allow it.
    let model = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", model.local_addr().unwrap());
    let variables = [("SAMBANOVA_API_BASE", address.as_str()), ("SPIN_VARIABLE_MODEL_HOST", ELSEWHERE)];
    let server = Server::started_with(&variables).await;
    let visitor = Visitor::of(&server, "guest").await;
    // Again after a refusal: the first one has broken nothing.
    for stream in [true, false, true] {
        let question = json!({"content": visitor.text("hello"), "stream": stream});
        visitor.post("/chat/messages", &question).await.problem(502, "provider_error");
    }
    check_log_names_the_refusal(&server).await;
    model.set_nonblocking(true).unwrap();
    assert_eq!(model.accept().expect_err("a call that left").kind(), ErrorKind::WouldBlock);
    eventually("the charges are given back", || async {
        let used = visitor.used_today().await;
        if used == 0 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
    visitor.leaves().await;
}

#[tokio::test]
async fn stores_outside_the_list_are_unavailable_and_the_others_still_answer() {
    // Both stores of the tests are one host, so that a component which may call either reaches both.
    let nowhere = [("SPIN_VARIABLE_DATABASE_HOST", ELSEWHERE), ("SPIN_VARIABLE_REDIS_HOST", ELSEWHERE)];
    let server = Server::started_with(&nowhere).await;
    let visitor = Visitor::of(&server, "guest").await;
    visitor.get("/chat/sessions").await.problem(503, "storage_unavailable");
    visitor.get("/health").await.expect(200);
    check_log_names_the_refusal(&server).await;
    visitor.leaves().await;

    let server = Server::started_with(&[("SPIN_VARIABLE_REDIS_HOST", ELSEWHERE)]).await;
    let visitor = Visitor::of(&server, "guest").await;
    visitor.get("/chat/quota").await.problem(503, "storage_unavailable");
    visitor.get("/chat/sessions").await.expect(200);
    check_log_names_the_refusal(&server).await;
    visitor.leaves().await;
}

#[test]
fn each_component_may_call_what_it_needs_and_nothing_else() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../spin.toml");
    let manifest: toml::Table = std::fs::read_to_string(path).expect("spin.toml").parse().expect("TOML");
    let told = manifest["component"].as_table().unwrap().iter().map(|(name, component)| {
        let hosts = component["allowed_outbound_hosts"].as_array().unwrap();
        let hosts: Vec<&str> = hosts.iter().map(|host| host.as_str().unwrap()).collect();
        (name.as_str(), hosts.join(" "))
    });
    let told: Vec<(&str, String)> = told.collect();
    let expected = [
        ("auth", "{{ redis_host }}"),
        ("messages", "{{ database_host }} {{ redis_host }} {{ model_host }}"),
        ("meta", ""),
        ("page", ""),
        ("quota", "{{ redis_host }}"),
        ("sessions", "{{ database_host }} {{ redis_host }}"),
    ];
    let expected: Vec<(&str, String)> = expected.map(|(name, hosts)| (name, hosts.to_owned())).into();
    assert_eq!(told, expected);
}
