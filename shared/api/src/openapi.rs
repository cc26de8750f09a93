//! Writes schema/openapi.json and its readable page from tables and types; a stale file fails the test that writes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{answers, auth, messages, meta, quota, sessions};

#[derive(OpenApi)]
#[openapi(
    info(title = "Edgewise", description = "A public LLM chat at the edge.", license(name = "Apache-2.0")),
    paths(
        auth::guest, sessions::create, sessions::list, sessions::read, sessions::rename, sessions::delete, sessions::restore,
        messages::send, messages::send_in_new_session, messages::edit, messages::regenerate, messages::go_on, answers::stop, answers::stream,
        quota::read, meta::health, meta::contract, meta::readable_contract,
    ),
    security(("token" = [])),
    modifiers(&BearerToken),
)]
struct Contract;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn document() -> serde_json::Value {
    serde_json::to_value(Contract::openapi()).unwrap()
}

fn operations(document: &serde_json::Value) -> Vec<(String, String, serde_json::Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

#[test]
fn the_contract_names_exactly_the_routes_of_the_tables() {
    let documented: BTreeSet<(String, String)> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    let served: BTreeSet<(String, String)> = crate::TABLES
        .iter()
        .copied()
        .flatten()
        .map(|endpoint| (endpoint.method.to_string(), endpoint.path.to_owned()))
        .collect();
    assert_eq!(documented, served);
}

#[test]
fn operations_have_names_of_their_own() {
    let names: Vec<String> =
        operations(&document()).into_iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[test]
fn the_checked_in_contract_is_the_code_s() {
    let document = document();
    let json = serde_json::to_string_pretty(&document).unwrap() + "\n";
    check("openapi.json", &json);
    check("openapi.html", &page(&document));
}

/// Compares with the file, and writes it, so that a failure is mended by looking at the difference and committing it.
fn check(name: &str, fresh: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schema").join(name);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old != fresh {
        std::fs::write(&path, fresh).unwrap();
        panic!("schema/{name} was stale; it has been written anew: look at the change and commit it");
    }
}

/// The readable page: no script, no style of others, nothing to load.
fn page(document: &serde_json::Value) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Edgewise API</title>\n<h1>Edgewise API</h1>\n<p>For programs: <a href=\"openapi.json\">openapi.json</a>. Every error is <code>{\"error\":{\"code\",\"message\",\"request_id\",…}}</code>.</p>\n",
    );
    for (method, path, operation) in operations(document) {
        let words = |key: &str| escape(operation[key].as_str().unwrap_or_default());
        write!(html, "<h2><code>{method} {path}</code></h2>\n<p>{} {}</p>\n", words("summary"), words("description"))
            .unwrap();
        for part in ["parameters", "requestBody", "responses"] {
            if !operation[part].is_null() {
                let json = serde_json::to_string_pretty(&operation[part]).unwrap();
                writeln!(html, "<details><summary>{part}</summary><pre>{}</pre></details>", escape(&json)).unwrap();
            }
        }
    }
    let schemas = serde_json::to_string_pretty(&document["components"]["schemas"]).unwrap();
    write!(html, "<h2>Schemas</h2>\n<pre>{}</pre>\n</html>\n", escape(&schemas)).unwrap();
    html
}
