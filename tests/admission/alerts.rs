//! What an operator is told by itself: once while it lasts, not too often, by a webhook for which no answer waits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::clock::MovedClock;
use tests::{Answer, Call, Server, control, eventually, fresh_address, stores, tokens};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::money::set_all;

/// What only who knows the address knows.
const SECRET: &str = "T0-the-secret-of-the-room";

/// Where a room that has moved sends those who post there: to a page that takes anything.
const ELSEWHERE: &str = "/signed-in";

/// A room that operators read: what was posted there, and what it answers to each, once it does.
struct Room {
    url: String,
    said: Arc<Mutex<Vec<Value>>>,
    answers: watch::Sender<Vec<u16>>,
}

impl Room {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let (sender, answers) = watch::channel(Vec::new());
        let heard = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(hear(connection, Arc::clone(&heard), answers.clone()));
            }
        });
        Self { url, said, answers: sender }
    }

    /// Answers what is said next with these, one after the other.
    fn answers(&self, statuses: &[u16]) {
        self.answers.send_modify(|answers| answers.extend(statuses));
    }

    fn said(&self) -> Vec<Value> {
        self.said.lock().unwrap().clone()
    }

    async fn has_heard(&self, messages: usize) -> Value {
        eventually("a message in the room", || async {
            let said = self.said();
            if said.len() == messages { Ok(said[messages - 1].clone()) } else { Err(format!("{said:?}")) }
        })
        .await
    }
}

/// Takes one request, and answers when the room does.
async fn hear(mut connection: TcpStream, said: Arc<Mutex<Vec<Value>>>, mut answers: watch::Receiver<Vec<u16>>) {
    let mut bytes = Vec::new();
    let body = loop {
        if connection.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if head.split(' ').nth(1) == Some(ELSEWHERE) {
            let _heard =
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            return;
        }
        assert!(head.starts_with(&format!("POST /{SECRET} ")), "{head}");
        // A runtime may send it in a chunk, between the chunk's length and its end.
        let object = body.find('{').zip(body.rfind('}')).and_then(|(first, last)| body.get(first..=last));
        if let Some(body) = object.and_then(|object| serde_json::from_str(object).ok()) {
            break body;
        }
    };
    let number = {
        let mut said = said.lock().unwrap();
        said.push(body);
        said.len()
    };
    let status = answers.wait_for(|answers| answers.len() >= number).await.unwrap()[number - 1];
    let head = format!("HTTP/1.1 {status} As Told\r\nlocation: {ELSEWHERE}\r\n");
    let answer = format!("{head}content-length: 0\r\nconnection: close\r\n\r\n");
    // Who has asked may have stopped waiting.
    let _heard = connection.write_all(answer.as_bytes()).await;
}

async fn send(server: &Server, words: &str) -> Answer {
    let body = json!({"content": words, "stream": false});
    let token = tokens::valid(Uuid::now_v7(), "user");
    server
        .reached_from(fresh_address())
        .send(Call::new("POST", "/api/v1/chat/messages").token(&token).json(&body))
        .await
}

#[tokio::test]
async fn an_operator_is_told_once_of_each_cause_and_no_answer_waits_for_it() {
    let clock = MovedClock::take().await;
    let room = Room::open().await;
    let server = Server::started_with(&[
        ("ALERT_WEBHOOK_URL", &room.url),
        ("PUBLIC_ORIGIN", "https://chat.example"),
        ("CHAT_DAILY_BUDGET_USD", "100"),
        ("CHAT_USER_STORAGE_MB", "0"),
    ])
    .await;
    let (fine, broken) = (format!("well {}", Uuid::new_v4()), format!("breaks {}", Uuid::new_v4()));
    control::scenario(&fine, &json!({"chunks": 2, "chunk_text": "w{i} "})).await;
    control::scenario(&broken, &json!({"chunks": 4, "chunk_text": "w{i} ", "close_at": 2})).await;
    // The hours before have spent it.
    let day = jiff::Timestamp::now().as_second().div_euclid(86_400);
    set_all(&json!({"ledger": {"day": day, "spent": 81_000_000}})).await;

    // The room says nothing yet: the answer has come, and so does the next one.
    send(&server, &fine).await.expect(200);
    let told = room.has_heard(1).await;
    let words = "https://chat.example: more than 80 % of the day's budget are spent";
    assert_eq!(told, json!({"text": words, "content": words}));
    // It fails then. What was to be said is said again, until it is taken.
    room.answers(&[500, 200]);
    assert_eq!(room.has_heard(2).await, told);
    // Two of twenty break off. It is not said so soon, and of the budget it is said no more.
    for number in 0..20 {
        let words = if number < 2 { &broken } else { &fine };
        assert_eq!(send(&server, words).await.status, 200);
    }
    assert_eq!(room.said().len(), 2);
    clock.set(Duration::from_secs(301)).await;
    for _ in 0..2 {
        send(&server, &broken).await.expect(200);
    }
    for _ in 0..18 {
        send(&server, &fine).await.expect(200);
    }
    // The room has moved, and nobody reads what is taken in its place: it is not followed, and nothing would come of saying it again.
    room.answers(&[302]);
    let told = room.has_heard(3).await;
    assert_eq!(told["text"], "https://chat.example: more than 5 % of the recent answers failed");
    eventually("the log says so", || async {
        let output = server.output().join("\n");
        assert!(!output.contains(SECRET), "{output}");
        let lines = |words: &str| output.lines().filter(|line| line.contains(words)).count();
        let logged = (
            lines(r#""event":"alert_sent""#),
            lines("the webhook's host answered 500"),
            lines("the webhook's host answered 302"),
        );
        if logged == (1, 1, 1) { Ok(()) } else { Err(format!("{logged:?}")) }
    })
    .await;
    assert_eq!(room.said().len(), 3);
    let all = stores::redis(&["GET", "chat:all"]).await;
    assert!(all.as_str().unwrap().len() < 1_000, "{all}");
    stores::redis(&["DEL", "chat:all"]).await;
}

#[tokio::test]
async fn a_database_that_fills_is_told_while_it_still_takes_what_comes_and_causes_due_together_are_one_message() {
    let _clock = MovedClock::take().await;
    let room = Room::open().await;
    room.answers(&[200, 200]);
    // Between four fifths and nine tenths of what may be.
    let size = stores::number("select pg_database_size(current_database())", &[]).await;
    let limit = (size * 100 / 84 + 500_000) / 1_000_000;
    assert!(limit * 800_000 < size && size < limit * 900_000, "{size} bytes of {limit} MB");
    let server = Server::started_with(&[
        ("ALERT_WEBHOOK_URL", &room.url),
        ("PUBLIC_ORIGIN", "https://chat.example"),
        ("CHAT_DAILY_BUDGET_USD", "100"),
        ("CHAT_USER_STORAGE_MB", "0"),
        ("STORAGE_LIMIT_MB", &limit.to_string()),
        ("CHAT_BREAKER_FAILURES", "1"),
    ])
    .await;
    let (fine, down) = (format!("fits {}", Uuid::new_v4()), format!("is down {}", Uuid::new_v4()));
    control::scenario(&fine, &json!({"chunks": 2, "chunk_text": "w{i} "})).await;
    control::scenario(&down, &json!({"error": {"status": 503, "code": "maintenance", "retry_after": 60}})).await;
    stores::redis(&["DEL", "chat:all"]).await;
    stores::rows("update chat_storage set bytes = 0, measured_at = '-infinity', told_on = null", &[]).await;

    send(&server, &fine).await.expect(200);
    let told = room.has_heard(1).await;
    assert_eq!(told["text"], "https://chat.example: 80 % of the database's space are used");
    // It is measured now, and is not full.
    send(&server, &fine).await.expect(200);

    // Their ends are counted, too: what is due next is due with the failure.
    eventually("both are settled", || async {
        let all = stores::redis(&["GET", "chat:all"]).await;
        let all: Value = serde_json::from_str(all.as_str().unwrap_or("{}")).unwrap();
        if all["ended"].as_i64() >= Some(2) { Ok(()) } else { Err(all.to_string()) }
    })
    .await;
    let day = jiff::Timestamp::now().as_second().div_euclid(86_400);
    set_all(&json!({"ledger": {"day": day, "spent": 81_000_000}})).await;
    send(&server, &down).await.problem(502, "provider_error");
    let told = room.has_heard(2).await;
    // Closed again for everybody, whatever is wrong with what was told.
    stores::redis(&["DEL", "chat:all"]).await;
    let words = "the model does not answer, the breaker is open; more than 80 % of the day's budget are spent";
    assert_eq!(told["text"], format!("https://chat.example: {words}"));
}
