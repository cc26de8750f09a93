//! Somebody who uses the chat, with an identity no other test has.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::control::{self, LoggedCall};
use crate::{Answer, Call, Reader, Server, eventually, stores, tokens};

/// One visitor. Every message of theirs carries their id, so that scenarios, faults and logged calls can be told apart.
pub struct Visitor {
    /// Their id.
    pub id: Uuid,
    /// Their token.
    pub token: String,
    server: Server,
    since: u64,
    scenes: AtomicU32,
    has_left: AtomicBool,
}

/// How the model behaves to one visitor's messages that carry the scene's tag.
pub struct Scene {
    tag: String,
}

impl Scene {
    /// A message of this scene.
    pub fn text(&self, words: &str) -> String {
        format!("{words} {}", self.tag)
    }

    /// What the model does with calls that have a message of the scene anywhere before their last.
    pub async fn afterwards(&self, scenario: Value) {
        control::scenario_anywhere(&self.tag, &scenario).await;
    }

    /// What marks the scene's messages.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

/// Follows the id in messages outside of a scene, so that no other scenario fits them.
const PLAIN: &str = ".plain;";

/// A short answer without pauses.
fn short_answer() -> Value {
    json!({"chunks": 3, "chunk_text": "w{i} ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true})
}

impl Visitor {
    /// A guest of the server under test.
    pub async fn new() -> Self {
        Self::of(&Server::under_test(), "guest").await
    }

    /// A visitor of `server` with a role.
    pub async fn of(server: &Server, role: &str) -> Self {
        let id = Uuid::now_v7();
        let since = control::newest().await;
        // Messages outside of a scene get a short answer at once.
        let plain = format!("{id}{PLAIN}");
        control::scenario(&plain, &short_answer()).await;
        Self {
            id,
            token: tokens::valid(id, role),
            server: server.clone(),
            since,
            scenes: AtomicU32::new(0),
            has_left: AtomicBool::new(false),
        }
    }

    /// Their server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// A message that carries their id and belongs to no scene.
    pub fn text(&self, words: &str) -> String {
        format!("{words} {}{PLAIN}", self.id)
    }

    /// Prepares the model for the messages of a scene.
    pub async fn scene(&self, scenario: Value) -> Scene {
        let number = self.scenes.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}.{number};", self.id);
        control::scenario(&tag, &scenario).await;
        Scene { tag }
    }

    /// A call of theirs below `/api/v1`, for whichever server.
    pub fn asks(&self, method: &str, path: &str, body: Option<&Value>) -> Call {
        let call = Call::new(method, format!("/api/v1{path}")).token(&self.token);
        if let Some(body) = body { call.json(body) } else { call }
    }

    /// Makes a call below `/api/v1`.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.server.send(self.asks(method, path, body)).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    /// Creates a session and gives its id.
    pub async fn session(&self) -> String {
        let created = self.post("/chat/sessions", &json!({})).await.expect(201);
        created.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Sends a message to a session (or to a new one) and takes the answer as JSON.
    pub async fn send(&self, session: Option<&str>, content: &str) -> Answer {
        self.post(&messages_path(session), &json!({"content": content, "stream": false})).await
    }

    /// Sends a message and takes the answer as a stream, read to its end.
    pub async fn stream(&self, session: Option<&str>, content: &str) -> Answer {
        self.post(&messages_path(session), &json!({"content": content})).await
    }

    /// As [`Visitor::stream`], in a session of its own, for a stream that is compared to its last event. Where a busy machine has stored it late its last
    /// one says so (`not_saved`): then it is asked for once more, and charged.
    pub async fn stored_stream(&self, content: &str) -> Answer {
        let answer = self.stream(None, content).await;
        if answer.status == 200 && answer.is_stored_late() { self.stream(None, content).await } else { answer }
    }

    /// Sends a message and reads the stream by hand, from a socket of its own.
    pub async fn open_stream(&self, session: Option<&str>, content: &str) -> Reader {
        let path = format!("/api/v1{}", messages_path(session));
        Reader::open(self.server.base(), &path, &self.token, &json!({"content": content})).await
    }

    /// Makes a call below `/api/v1` under an idempotency key.
    pub async fn keyed(&self, method: &str, path: &str, body: &Value, key: &str) -> Answer {
        self.server.send(self.asks(method, path, Some(body)).header("idempotency-key", key)).await
    }

    /// Makes a call and reads the answer by hand, from a socket of its own.
    pub async fn open(&self, method: &str, path: &str, body: Option<&Value>) -> Reader {
        Reader::of(self.server.base(), &self.asks(method, path, body)).await
    }

    /// The messages of a session, oldest first.
    pub async fn messages(&self, session: &str) -> Vec<Value> {
        let page = self.get(&format!("/chat/sessions/{session}?limit=100")).await.expect(200).json();
        page["messages"].as_array().expect("messages").clone()
    }

    /// Where they stand. Asked again while a busy machine keeps Redis from answering in time.
    pub async fn quota(&self) -> Value {
        crate::eventually("a look at the quota", || async {
            let answer = self.get("/chat/quota").await;
            if answer.status == 503 { Err(answer.text()) } else { Ok(answer.expect(200).json()) }
        })
        .await
    }

    /// How many messages of the day are used.
    pub async fn used_today(&self) -> i64 {
        self.quota().await["day"]["used"].as_i64().expect("a number")
    }

    /// A number below that of any call made for them.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// The model calls made for them.
    pub async fn model_calls(&self) -> Vec<LoggedCall> {
        control::calls("model", &self.id.to_string(), self.since).await
    }

    /// The one message of a session that has the role, once it is no longer being written.
    pub async fn settled(&self, session: &str, role: &str) -> Value {
        eventually("a message that is no longer streaming", || async {
            let messages = self.messages(session).await;
            let found = messages.iter().rfind(|message| message["role"] == role).cloned();
            match found {
                Some(message) if message["status"] != "streaming" => Ok(message),
                other => Err(format!("{other:?}")),
            }
        })
        .await
    }

    /// Waits for the end of all running answers in Redis: the settlement, which takes the end of the replay buffer, is not in the order of the row.
    pub async fn settled_in_redis(&self) {
        eventually("no place is held", || async {
            let leases = self.leases().await;
            if leases.is_empty() { Ok(()) } else { Err(format!("{leases:?}")) }
        })
        .await;
    }

    /// Requests that hold a place among the running answers, but for those whose time was let run out here.
    pub async fn leases(&self) -> BTreeSet<String> {
        let user = stores::user(&self.id.to_string()).await;
        let running = user["running"].as_object().into_iter().flatten();
        running.filter(|(_, run)| run["ends"] != run["at"]).map(|(request, _)| request.clone()).collect()
    }

    /// Lets the time run out for which the dead hold their places.
    pub async fn expire_leases(&self) {
        let change = "for _, run in pairs(user.running) do run.ends = run.at end";
        stores::change_user(&self.id.to_string(), change).await;
    }

    /// Ends the test: see [`Visitor::at_rest`].
    pub async fn leaves(self) {
        self.has_left.store(true, Ordering::Relaxed);
        self.at_rest().await;
    }

    /// Waits until no lease is held, no row is `streaming`, no upstream connection is open for them. An error does not wait longer than 0.7 s for what
    /// undoes its turn: before that its key is claimed and its charge stands.
    pub async fn at_rest(&self) {
        let id = self.id.to_string();
        eventually("nothing of the visitor is left over", || async {
            let leases = self.leases().await.len();
            let rows = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id where s.user_id = $1::uuid and m.status = 'streaming'";
            let streaming = stores::number(rows, &[&id]).await;
            let open = self.model_calls().await.iter().filter(|call| !call.ended()).count();
            if (leases, streaming, open) == (0, 0, 0) {
                Ok(())
            } else {
                Err(format!("{leases} leases, {streaming} rows streaming, {open} model calls open"))
            }
        })
        .await;
    }
}

/// Leases held, by Redis itself: a server that is off or misconfigured must not hide them.
impl Drop for Visitor {
    fn drop(&mut self) {
        if !self.has_left.load(Ordering::Relaxed) && !std::thread::panicking() {
            panic!("a test must end with `visitor.leaves().await`");
        }
    }
}

fn messages_path(session: Option<&str>) -> String {
    session.map_or("/chat/messages".to_owned(), |id| format!("/chat/sessions/{id}/messages"))
}
