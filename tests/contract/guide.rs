//! The examples of docs/api.md, sent one after the other as they stand there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::{Call, Contract, Visitor, control};
use uuid::Uuid;

use crate::accounts;

const GUIDE: &str = include_str!("../../docs/api.md");

/// What marks the guide's own questions for the model.
const MARK: &str = "Guide: ";

/// A request and what the guide says of its answer.
struct Example<'a> {
    asks: &'a str,
    says: &'a str,
}

impl Example<'static> {
    fn all() -> Vec<Self> {
        let blocks = GUIDE.split("```http\n").skip(1).map(|rest| rest.split_once("```").expect("an end").0);
        blocks
            .map(|block| block.split_once("← ").expect("what is answered"))
            .map(|(asks, says)| Self { asks, says })
            .collect()
    }

    /// The request, with what earlier answers gave.
    fn call(&self, known: &BTreeMap<String, String>) -> Call {
        let text =
            known.iter().fold(self.asks.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let (head, body) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
        let mut lines = head.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let mut call = Call::new(method, path);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            call = call.header(name, value);
        }
        match body {
            "" => call,
            body => call.json(&serde_json::from_str::<Value>(body).unwrap_or_else(|error| panic!("{body}: {error}"))),
        }
    }

    /// The status, and an error's code.
    fn outcome(&self) -> (u16, Option<&str>) {
        let words = self.says.split(',').next().unwrap().trim();
        let (status, code) = words.split_once(' ').map_or((words, None), |(status, code)| (status, Some(code)));
        (status.parse().unwrap(), code)
    }

    /// Cookies that it sets, and what the guide calls each: "the cookie `name` is {answer}".
    fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts =
            self.says.split(',').filter_map(|part| part.trim().strip_prefix("the cookie `")?.split_once("` is {"));
        parts.map(|(name, known)| (name, known.trim_end_matches('}')))
    }

    /// Places in the answer, and what the guide calls what stands there: "`message.id` is {answer}".
    fn gives(&self) -> impl Iterator<Item = (String, &str)> {
        let parts = self.says.split(',').filter_map(|part| part.trim().strip_prefix('`')?.split_once("` is {"));
        parts.map(|(place, name)| (format!("/{}", place.replace('.', "/")), name.trim_end_matches('}')))
    }
}

#[tokio::test]
async fn each_example_of_the_guide_is_answered_as_it_says() {
    let server = accounts::server().await;
    let visitor = Visitor::of(&server, "guest").await;
    control::scenario(
        MARK,
        &json!({"chunks": 3, "chunk_text": "w{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true}),
    )
    .await;
    // What no answer before gives: who reads the guide has it.
    let own = [
        ("metrics_token", accounts::METRICS_TOKEN.to_owned()),
        ("import", Uuid::now_v7().to_string()),
        ("email", format!("{}@example.org", Uuid::new_v4())),
        ("password_key", accounts::password(1)),
    ];
    let mut known: BTreeMap<String, String> = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let examples = Example::all();
    assert!(examples.len() > 20, "{}", examples.len());
    for example in examples {
        let answer = server.send(example.call(&known)).await;
        let (status, code) = example.outcome();
        match code {
            Some(code) => drop(answer.problem(status, code)),
            None => {
                let answer = answer.expect(status);
                for (cookie, name) in example.cookies() {
                    known.insert(name.to_owned(), accounts::cookie(&answer, cookie));
                }
                for (place, name) in example.gives() {
                    let json = answer.json();
                    let value = json.pointer(&place).unwrap_or_else(|| panic!("no {place} in {json}"));
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    known.insert(name.to_owned(), value);
                }
            }
        }
        // From then on it is somebody whom the tests can follow to the end.
        if known.contains_key("token") {
            known.insert("token".to_owned(), visitor.token.clone());
        }
    }
    visitor.leaves().await;
}

/// Operations that the guide does not show: those of other documents, of the operator, of browsers, and of what an example cannot have, such as a mail or a key.
const NOT_SHOWN: [&str; 47] = [
    "DELETE /api/v1/admin/addresses/block",
    "DELETE /api/v1/admin/users/{id}/block",
    "DELETE /api/v1/me/identities/{id}",
    "DELETE /api/v1/me/keys/{id}",
    "DELETE /api/v1/me/passkeys/{id}",
    "DELETE /api/v1/me/sessions/{id}",
    "GET /api/v1/admin/overview",
    "GET /api/v1/admin/users/{id}",
    "GET /api/v1/auth/{provider}/callback",
    "GET /api/v1/chat/temporary/{id}/stream",
    "GET /api/v1/chat/ws",
    "GET /api/v1/me/identities",
    "GET /api/v1/me/keys",
    "GET /api/v1/me/passkeys",
    "GET /api/v1/openai/models",
    "GET /api/v1/openai/models/{id}",
    "GET /api/v1/shares/{token}",
    "GET /embed",
    "GET /embed/c/{id}",
    "GET /s/{token}",
    "GET /status",
    "GET /v1/models",
    "GET /v1/models/{id}",
    "PATCH /api/v1/me/passkeys/{id}",
    "POST /api/chat",
    "POST /api/v1/admin/addresses/block",
    "POST /api/v1/admin/maintenance",
    "POST /api/v1/admin/users/{id}/block",
    "POST /api/v1/auth/email",
    "POST /api/v1/auth/email/confirm",
    "POST /api/v1/auth/email/look",
    "POST /api/v1/auth/passkeys/login",
    "POST /api/v1/auth/passkeys/options",
    "POST /api/v1/auth/passkeys/register",
    "POST /api/v1/auth/password",
    "POST /api/v1/auth/{provider}/finish",
    "POST /api/v1/auth/{provider}/start",
    "POST /api/v1/chat/temporary/{id}/stop",
    "POST /api/v1/me/identities",
    "POST /api/v1/me/keys",
    "POST /api/v1/me/passkeys",
    "POST /api/v1/me/password",
    "POST /api/v1/openai/chat/completions",
    "POST /api/v1/openai/responses",
    "POST /api/v1/shares/{token}/continue",
    "POST /v1/chat/completions",
    "POST /v1/responses",
];

#[test]
fn each_operation_has_an_example_or_is_known_to_have_none() {
    let contract = Contract::the();
    let shown: BTreeSet<String> = Example::all()
        .iter()
        .map(|example| {
            let (method, path) = example.asks.lines().next().unwrap().split_once(' ').unwrap();
            let template = contract.template(path.split('?').next().unwrap());
            format!("{method} {}", template.unwrap_or_else(|| panic!("{path} is not in the contract")))
        })
        .collect();
    let all = contract
        .paths()
        .into_iter()
        .flat_map(|(path, methods)| methods.into_iter().map(move |method| format!("{method} {path}")));
    let missing: BTreeSet<String> = all.filter(|operation| !shown.contains(operation)).collect();
    assert_eq!(
        missing,
        BTreeSet::from(NOT_SHOWN.map(str::to_owned)),
        "a new operation has an example in docs/api.md, or stands in this list"
    );
}
