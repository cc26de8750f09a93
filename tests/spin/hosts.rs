//! Lists of hosts: a wrong one is named before anything is called; what Spin refuses all the same is an error like any other. And
//! what each component is given.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::json;
use tests::{Server, Visitor, eventually};

/// A host that no address of the tests leads to.
const ELSEWHERE: &str = "https://elsewhere.invalid";

/// The variables that stand in the lists.
const HOSTS: [&str; 3] = ["DATABASE_HOST", "REDIS_HOST", "MODEL_HOST"];

async fn check_log_has(server: &Server, words: &str) {
    eventually(&format!("the log has {words}"), || async {
        let output = server.output().join("\n");
        if output.contains(words) { Ok(()) } else { Err(output) }
    })
    .await;
}

async fn check_nothing_is_charged(visitor: &Visitor) {
    eventually("the charges are given back", || async {
        let used = visitor.used_today().await;
        if used == 0 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_host_is_named_before_anything_is_called() {
    let _beside = crate::ALONE.read().await;
    for (host, wrong) in HOSTS.iter().zip(["elsewhere.invalid", ELSEWHERE, "http://127.0.0.1:80/v1"]) {
        let server = Server::started_with(&[(&format!("SPIN_VARIABLE_{host}"), wrong)]).await;
        let visitor = Visitor::of(&server, "guest").await;
        let question = json!({"content": visitor.text("hello")});
        visitor.post("/chat/messages", &question).await.problem(503, "misconfigured");
        visitor.get("/health").await.expect(200);
        check_log_has(&server, host).await;
        let output = server.output().join("\n");
        for other in HOSTS.iter().filter(|other| *other != host) {
            assert!(!output.contains(other), "{other} is in order:\n{output}");
        }
        assert!(!output.contains(wrong), "a value stands in the log:\n{output}");
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn every_wrong_host_is_named_at_once_and_a_component_asks_for_its_own_only() {
    let _beside = crate::ALONE.read().await;
    let wrong = [("SPIN_VARIABLE_DATABASE_HOST", "*"), ("SPIN_VARIABLE_MODEL_HOST", "https://*.*.example")];
    let server = Server::started_with(&wrong).await;
    let visitor = Visitor::of(&server, "guest").await;
    visitor.get("/chat/quota").await.expect(200);
    visitor.send(None, &visitor.text("hello")).await.problem(503, "misconfigured");
    check_log_has(&server, "DATABASE_HOST").await;
    let output = server.output();
    assert!(output.iter().any(|line| line.contains("DATABASE_HOST") && line.contains("MODEL_HOST")), "{output:#?}");
    visitor.leaves().await;
}

#[tokio::test]
async fn what_spin_refuses_all_the_same_is_a_provider_error_that_costs_nothing() {
    let _beside = crate::ALONE.read().await;
    // Which addresses a network holds is left to Spin.
    let model = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", model.local_addr().unwrap());
    let variables = [("SAMBANOVA_API_BASE", address.as_str()), ("SPIN_VARIABLE_MODEL_HOST", "http://10.0.0.0/8:*")];
    let server = Server::started_with(&variables).await;
    let visitor = Visitor::of(&server, "guest").await;
    // Again after a refusal: the first one has broken nothing.
    for stream in [true, false, true] {
        let question = json!({"content": visitor.text("hello"), "stream": stream});
        visitor.post("/chat/messages", &question).await.problem(502, "provider_error");
    }
    check_log_has(&server, "allowed_outbound_hosts").await;
    model.set_nonblocking(true).unwrap();
    assert_eq!(model.accept().expect_err("a call that left").kind(), ErrorKind::WouldBlock);
    check_nothing_is_charged(&visitor).await;
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
        (
            "accounts",
            "{{ database_host }} {{ redis_host }} {{ turnstile_host }} {{ mail_host }} {{ alert_host }} {{ github_host }} \
             https://api.github.com https://oauth2.googleapis.com {{ oidc_host }}",
        ),
        ("auth", "{{ redis_host }} {{ turnstile_host }}"),
        ("compat", "{{ database_host }} {{ redis_host }} {{ model_host }} {{ alert_host }}"),
        ("messages", "{{ database_host }} {{ redis_host }} {{ model_host }} {{ alert_host }}"),
        ("meta", "{{ database_host }} {{ redis_host }} {{ model_host }}"),
        ("page", ""),
        ("passkeys", "{{ database_host }} {{ redis_host }} {{ turnstile_host }} {{ mail_host }}"),
        ("quota", "{{ redis_host }}"),
        ("responses", "{{ database_host }} {{ redis_host }} {{ model_host }} {{ alert_host }}"),
        ("sessions", "{{ database_host }} {{ redis_host }} {{ alert_host }}"),
        ("share", "{{ database_host }} {{ redis_host }} {{ alert_host }}"),
        ("temporary", "{{ redis_host }} {{ model_host }} {{ alert_host }}"),
    ];
    let expected: Vec<(&str, String)> = expected.map(|(name, hosts)| (name, hosts.to_owned())).into();
    assert_eq!(told, expected);
}

#[test]
fn each_component_is_given_the_secrets_that_it_needs_and_no_others() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../spin.toml");
    let manifest: toml::Table = std::fs::read_to_string(path).expect("spin.toml").parse().expect("TOML");
    let variables = manifest["variables"].as_table().unwrap();
    let is_secret = |name: &str| variables.get(name).is_some_and(|variable| variable.get("secret").is_some());
    let told = manifest["component"].as_table().unwrap().iter().map(|(name, component)| {
        let given = component.get("variables").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        // A secret's predecessor goes with it.
        let named = given.keys().filter(|name| is_secret(name)).map(|name| name.trim_end_matches("_previous"));
        let mut secrets: Vec<&str> = named.collect();
        secrets.sort_unstable();
        secrets.dedup();
        (name.as_str(), secrets.join(" "))
    });
    let told: Vec<(&str, String)> = told.collect();
    let expected = [
        (
            "accounts",
            "accounts_pepper alert_webhook_url database_url jwt_secret mail_api_token maintenance_token \
             oauth_github_secret oauth_google_secret oidc_secret turnstile_secret upstash_redis_rest_token",
        ),
        ("auth", "jwt_secret turnstile_secret upstash_redis_rest_token"),
        ("compat", "alert_webhook_url database_url jwt_secret sambanova_api_key upstash_redis_rest_token"),
        ("messages", "alert_webhook_url database_url jwt_secret sambanova_api_key upstash_redis_rest_token"),
        // It tells a rollout's testers whether they are in, and asks whether what we stand on answers.
        ("meta", "database_url jwt_secret metrics_token sambanova_api_key upstash_redis_rest_token"),
        ("page", ""),
        ("passkeys", "database_url jwt_secret mail_api_token turnstile_secret upstash_redis_rest_token"),
        ("quota", "jwt_secret upstash_redis_rest_token"),
        ("responses", "alert_webhook_url database_url jwt_secret sambanova_api_key upstash_redis_rest_token"),
        ("sessions", "alert_webhook_url database_url jwt_secret upstash_redis_rest_token"),
        ("share", "alert_webhook_url database_url jwt_secret metrics_token upstash_redis_rest_token"),
        ("temporary", "alert_webhook_url jwt_secret sambanova_api_key upstash_redis_rest_token"),
    ];
    let expected: Vec<(&str, String)> = expected.map(|(name, secrets)| (name, secrets.to_owned())).into();
    assert_eq!(told, expected);
}
