//! The examples of docs/api.md, sent one after the other as they stand there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Answer, Authenticator, Call, Contract, Server, Visitor, control, tokens, variable};
use uuid::Uuid;

use crate::mail::{mail_server, mailed, token_in};
use crate::passkeys::authenticator;
use crate::{accounts, github};

const GUIDE: &str = include_str!("../../docs/api.md");

/// What marks the guide's own questions for the model.
const MARK: &str = "Guide: ";

/// A server that has all that the guide shows.
async fn server() -> Server {
    let github = format!("{}/github", variable("STACK_URL").trim_end_matches('/'));
    mail_server(&[
        ("OAUTH_GITHUB_ID", "stack-client"),
        ("OAUTH_GITHUB_SECRET", "stack-secret"),
        ("OAUTH_GITHUB_URL", &github),
        ("FEATURE_ONE_SHOT", "true"),
        // The guide signs up more often than one address may without work, which docs/proof-of-work.md shows.
        ("GUEST_CHALLENGE", "off"),
    ])
    .await
}

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

    /// The request, with what its reader has.
    fn call(&self, known: &Known) -> Call {
        let text = known.filled_in(self.asks);
        let (head, body) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
        let mut lines = head.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        assert!(!head.contains('{'), "{head}: nothing before has given it");
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

    /// What comes of the answer, and what the guide calls it: "`message.id` is {answer}".
    fn gives(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts = self.says.split(',').skip(1).map(|part| part.trim().trim_end_matches('}'));
        parts.map(|part| part.rsplit_once(" {").unwrap_or_else(|| panic!("{part}: it has no name")))
    }
}

/// What its reader has by now, by what the guide calls it.
struct Known {
    values: BTreeMap<String, String>,
    /// In the reader's browser: the passkey that was made last.
    passkey: Option<Authenticator>,
    /// How many letters with a link have come to the reader's address.
    letters: usize,
}

impl Known {
    /// What no answer before gives: who reads the guide has it.
    fn of_a_reader() -> Self {
        let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
        let values = [
            ("metrics_token", accounts::METRICS_TOKEN.to_owned()),
            ("maintenance_token", accounts::MAINTENANCE_TOKEN.to_owned()),
            ("import", Uuid::now_v7().to_string()),
            ("email", format!("{}@example.org", Uuid::new_v4())),
            ("password_key", accounts::password(1)),
            ("new_password_key", accounts::password(2)),
            ("page_key", Uuid::new_v4().simple().to_string()),
            ("admin", tokens::valid(Uuid::now_v7(), "admin")),
            ("tomorrow", Timestamp::from_second(tomorrow.as_second()).unwrap().to_string()),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { values, passkey: None, letters: 0 }
    }

    fn filled_in(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Takes what comes of an answer: what stands in it, and what a browser, GitHub and a mailbox make of it.
    async fn learn(&mut self, what: &str, name: &str, answer: &Answer) {
        let mut parts = what.split('`');
        let (words, place) = (parts.next().unwrap().trim(), parts.next().unwrap_or_default());
        let value = match words {
            "" => at(answer, place),
            "the end of" => at(answer, place).rsplit('/').next().unwrap().to_owned(),
            "the header" => answer.header(place).to_owned(),
            "the cookie" => cookie(answer, place),
            "the mail's link ends with" => {
                self.letters += 1;
                token_in(&mailed(&self.values["email"], self.letters).await)
            }
            "the browser answers" => self.browser(place, &answer.json()).to_string(),
            "the browser comes back from" => {
                let back = github::signs_in(&at(answer, place), Some(&github::somebody())).await;
                back.query().unwrap().to_owned()
            }
            _ => panic!("{what}: nobody knows how"),
        };
        self.values.insert(name.to_owned(), value);
    }

    /// What a browser makes of the options for a passkey.
    fn browser(&mut self, wish: &str, options: &Value) -> Value {
        match wish {
            "create" => self.passkey.insert(authenticator()).create(options),
            "get" => self.passkey.as_mut().expect("a passkey that was made").get(options),
            _ => panic!("{wish}: browsers know no such options"),
        }
    }
}

/// What stands at a place of the answer: a text without its quotation marks.
fn at(answer: &Answer, place: &str) -> String {
    let json = answer.json();
    let value =
        json.pointer(&format!("/{}", place.replace('.', "/"))).unwrap_or_else(|| panic!("no {place} in {json}"));
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A cookie that an answer sets, as it is sent back. Other tests look at the words beside it.
fn cookie(answer: &Answer, name: &str) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.rfind(|cookie| cookie.starts_with(&format!("{name}=")));
    let cookie = cookie.unwrap_or_else(|| panic!("{}: no cookie {name}", answer.call));
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn each_example_of_the_guide_is_answered_as_it_says() {
    let server = server().await;
    let visitor = Visitor::of(&server, "guest").await;
    control::scenario(
        MARK,
        &json!({"chunks": 3, "chunk_text": "w{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true}),
    )
    .await;
    let mut known = Known::of_a_reader();
    let examples = Example::all();
    assert!(examples.len() > 20, "{}", examples.len());
    for example in examples {
        let answer = server.send(example.call(&known)).await;
        let (status, code) = example.outcome();
        match code {
            Some(code) => drop(answer.problem(status, code)),
            None => {
                let answer = answer.expect(status);
                for (what, name) in example.gives() {
                    known.learn(what, name, &answer).await;
                }
            }
        }
        // From then on it is somebody whom the tests can follow to the end.
        if known.values.contains_key("token") {
            known.values.insert("token".to_owned(), visitor.token.clone());
        }
    }
    visitor.leaves().await;
}

/// Operations that the guide does not show. A socket is no request and answer: its frames stand in docs/websocket.md, and `socket.rs` holds each that it sends or is sent against
/// their schema there. To what is no socket the runtimes answer differently: Workers 400, Spin, which has none, 501.
const NOT_SHOWN: [&str; 1] = ["GET /api/v1/chat/ws"];

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
