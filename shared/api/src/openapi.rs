//! Writes schema/openapi.json, its readable page and the lists of docs/api.md from tables and types; a stale file fails the test that writes it.

mod examples;
mod guide;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use application::turn::ONE_SHOT_CHARS;
use domain::{IdempotencyKey, SessionTitle};
use serde_json::json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use crate::messages::PlainAnswer;
use crate::problem::{ErrorCode, OpenAiError, ProblemView};
use crate::{
    accounts, answers, api_keys, auth, blocks, configuration, contexts, embed, feedback, handover, imports, mail,
    maintenance, me, messages, meta, metrics, names, one_shot, openai, overview, passkeys, providers, quota, search,
    sessions, shares, socket, status, temporary,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Edgewise", description = "A public LLM chat at the edge.", license(name = "Apache-2.0")),
    paths(
        accounts::salt, accounts::register, accounts::login, accounts::reset_password, accounts::refresh, accounts::logout,
        mail::ask, mail::look, mail::confirm, maintenance::run, overview::read, blocks::read, blocks::block, blocks::unblock, blocks::block_address, blocks::unblock_address, metrics::read, status::read, status::page,
        me::read, me::delete, me::export, me::list, me::end, me::set_password,
        passkeys::options, passkeys::register, passkeys::login, passkeys::list, passkeys::add, passkeys::rename, passkeys::remove,
        api_keys::list, api_keys::make, api_keys::revoke,
        providers::start, providers::callback, providers::finish, providers::list, providers::add, providers::remove,
        auth::guest, handover::offer, handover::look, handover::redeem, sessions::create, sessions::list, sessions::read, sessions::change, sessions::delete, sessions::restore,
        messages::send, messages::send_in_new_session, messages::edit, messages::regenerate, messages::continue_answer, answers::stop, answers::stream,
        temporary::send, temporary::stream, temporary::stop,
        openai::complete, openai::responses::respond, openai::models, openai::model, one_shot::ask,
        shares::create, shares::list, shares::list_all, shares::change, shares::revoke, shares::read, shares::go_on, shares::page,
        imports::import, embed::page, embed::session, socket::open,
        contexts::read, contexts::write, feedback::vote, search::search, quota::read, configuration::read, meta::health,
    ),
    components(schemas(PlainAnswer, ProblemView, me::ExportLine, OpenAiError)),
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
    let mut document = serde_json::to_value(Contract::openapi()).unwrap();
    below_the_api(document["paths"].as_object_mut().unwrap());
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            for parameter in
                operation.get_mut("parameters").and_then(serde_json::Value::as_array_mut).into_iter().flatten()
            {
                say_how_a_header_looks(parameter);
            }
            if let Some(body) = operation.get_mut("requestBody") {
                leave_out_null(body);
            }
        }
    }
    for (input, field, max) in [
        ("NewMessage", "content", LONGEST_MESSAGE),
        ("FirstMessage", "content", LONGEST_MESSAGE),
        ("TemporaryMessage", "content", LONGEST_MESSAGE),
        ("NewSession", "title", TITLE),
        ("SessionChange", "title", TITLE),
        ("Question", "prompt", ONE_SHOT_CHARS),
    ] {
        let property = &mut document["components"]["schemas"][input]["properties"][field];
        assert!(property.is_object(), "{input} has no {field}");
        property["minLength"] = 1.into();
        property["maxLength"] = max.into();
        property["pattern"] = VISIBLE.into();
    }
    examples::say(&mut document);
    for (input, field, example) in [
        ("NewMessage", "content", json!(QUESTION)),
        ("FirstMessage", "content", json!(QUESTION)),
        ("TemporaryMessage", "content", json!(QUESTION)),
        ("TemporaryMessage", "messages", json!([])),
        ("Question", "prompt", json!(QUESTION)),
        ("Question", "stream", json!(true)),
        ("NewSession", "title", json!("Rivers")),
        ("SessionChange", "title", json!("Rivers")),
        ("Search", "q", json!("Tejo")),
        ("NewImport", "import_id", json!("01909e4b-0000-7000-8000-000000000000")),
        ("NewImport", "messages", json!([{"role": "user", "content": QUESTION}])),
        ("NewApiKey", "name", json!("my laptop")),
        ("Completion", "model", json!(MODEL)),
        ("Completion", "messages", json!([{"role": "user", "content": QUESTION}])),
        ("Completion", "stream", json!(true)),
        ("NewResponse", "model", json!(MODEL)),
        ("NewResponse", "input", json!(QUESTION)),
        ("NewResponse", "stream", json!(true)),
    ] {
        let property = &mut document["components"]["schemas"][input]["properties"][field];
        assert!(property.is_object(), "{input} has no {field}");
        property["examples"] = json!([example]);
    }
    document
}

/// What stands in the examples, as docs/api.md and docs/openai.md have it.
const QUESTION: &str = "Where does the Tejo begin?";
const MODEL: &str = "gpt-oss-120b";

/// What clients of OpenAI's API expect at `/v1` is served below the API's own address, too.
fn below_the_api(paths: &mut serde_json::Map<String, serde_json::Value>) {
    let twins = paths.iter().filter_map(|(path, item)| {
        let mut item = item.clone();
        for operation in item.as_object_mut()?.values_mut() {
            let name = operation["operationId"].as_str()?;
            operation["operationId"] = format!("{name}_below_api").into();
        }
        Some((format!("/api/v1/openai{}", path.strip_prefix("/v1")?), item))
    });
    let twins: Vec<_> = twins.collect();
    paths.extend(twins);
}

/// The most that `CHAT_MAX_MESSAGE_LENGTH` can be; `GET /config` says what it is.
const LONGEST_MESSAGE: usize = 100_000;
const TITLE: usize = SessionTitle::MAX_CHARS;

/// Something that can be seen, as `domain` has it.
const VISIBLE: &str =
    r"[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{13430}-\u{13442}\u{1d159}]";

/// utoipa types headers as optional strings; ours get a pattern.
fn say_how_a_header_looks(parameter: &mut serde_json::Value) {
    if parameter["in"] != "header" {
        return;
    }
    let mut schema = json!({"type": "string"});
    // What is no id of ours counts for nothing, so `Last-Event-ID` has no form.
    if parameter["name"] == "Idempotency-Key" {
        schema["minLength"] = 1.into();
        schema["maxLength"] = IdempotencyKey::MAX_CHARS.into();
        schema["pattern"] = KEY_FORM.into();
    }
    parameter["schema"] = schema;
}

/// Visible ASCII without a comma and blanks inside, bare or as a structured string.
const KEY_FORM: &str = r#"^([!#-+\--~]([ -+\--~]*[!-+\--~])?|"([!#-+\--\[\]-~]|\\["\\])([ !#-+\--\[\]-~]|\\["\\])*")$"#;

/// A body that may be left out is an object when it is there: utoipa takes `Option` for both.
fn leave_out_null(body: &mut serde_json::Value) {
    let schema = &mut body["content"]["application/json"]["schema"];
    if let Some(either) = schema["oneOf"].as_array() {
        *schema = either.iter().find(|one| one["type"] != "null").unwrap().clone();
        body["required"] = false.into();
    }
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
        .concat()
        .into_iter()
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
fn the_contract_names_each_error_code_as_the_answers_do() {
    let document = document();
    let named = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        let code: ErrorCode = serde_json::from_value(name.clone()).unwrap();
        assert_eq!((serde_json::to_value(code).unwrap(), code.name()), (name.clone(), name.as_str().unwrap()));
        assert!(code.status().is_client_error() || code.status().is_server_error(), "{name}");
    }
}

#[test]
fn the_contract_names_roles_statuses_and_reasons_as_the_core_does() {
    fn check<Name, Known>(read: fn(&str) -> Option<Known>)
    where
        Name: ToSchema + From<Known> + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let document = document();
        let schema = &document["components"]["schemas"][&*Name::name()];
        let names = schema["enum"].as_array().unwrap();
        for name in names {
            let known = read(name.as_str().unwrap()).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(Name::from(known), serde_json::from_value(name.clone()).unwrap());
        }
    }
    check::<names::Role, _>(domain::Role::from_name);
    check::<names::MessageRole, _>(domain::MessageRole::from_name);
    check::<names::MessageStatus, _>(domain::MessageStatus::from_name);
    check::<names::FinishReason, _>(domain::FinishReason::from_name);
    check::<names::TaskStatus, _>(domain::TaskStatus::from_name);
    check::<names::Vote, _>(domain::Vote::from_name);
}

#[test]
fn the_checked_in_contract_is_the_code_s() {
    let document = document();
    let json = serde_json::to_string_pretty(&document).unwrap() + "\n";
    check("schema/openapi.json", &json);
    check("schema/openapi.html", &page(&document));
    let guide = "docs/api.md";
    check(guide, &guide::with_lists(&std::fs::read_to_string(at(guide)).unwrap(), &document));
}

fn at(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Compares with the file, and writes it, so that a failure is mended by looking at the difference and committing it.
fn check(name: &str, fresh: &str) {
    let path = at(name);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old != fresh {
        std::fs::write(&path, fresh).unwrap();
        panic!("{name} was stale; it has been written anew: look at the change and commit it");
    }
}

/// The readable page. It is whole without its script (`static/src/docs`), which adds forms below the words of operations: it finds them by their headings.
fn page(document: &serde_json::Value) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Edgewise API</title>\n<link rel=\"stylesheet\" href=\"/docs.css\">\n<script src=\"/docs.js\" defer></script>\n<h1>Edgewise API</h1>\n<p>For programs: <a href=\"openapi.json\">openapi.json</a>. Every error is <code>{\"error\":{\"code\",\"message\",\"request_id\",…}}</code>.</p>\n",
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
    for (part, title) in [("responses", "Errors"), ("schemas", "Schemas")] {
        let json = serde_json::to_string_pretty(&document["components"][part]).unwrap();
        write!(html, "<h2>{title}</h2>\n<pre>{}</pre>\n", escape(&json)).unwrap();
    }
    html.push_str("</html>\n");
    html
}
