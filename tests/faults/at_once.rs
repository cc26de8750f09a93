//! Several requests at once in one session, some of which fail: none takes anything from another.
//!
//! Drawn from a seed, as the random run is; here it is the order of events within a session that is tried out.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Reader, Server, Visitor, control, stores, within};

use crate::aim::{Kind, Part};
use crate::random::dice::{self, Dice};
use crate::random::plan::{Answer, Reading};
use crate::{ALONE, REPAIRED_WITHIN, VARIABLES};

/// Sessions at once, each of another visitor.
const SESSIONS: usize = 8;

/// How often several requests are made at once.
const ROUNDS: usize = 20;

/// So many.
const AT_ONCE: usize = 4;

/// Messages by their ids.
type Messages = BTreeMap<String, Value>;

/// A request.
struct Asked {
    method: &'static str,
    path: String,
    body: Value,
    /// How much later than the first it comes.
    after: Duration,
    reading: Reading,
}

/// What came of it.
struct Got {
    what: String,
    status: u16,
    answer: Option<String>,
    is_delivered: bool,
    /// What its reader is entitled to find again.
    read: String,
}

struct Talk<'a> {
    visitor: &'a Visitor,
    session: String,
    dice: Dice,
    /// Numbers the messages.
    said: usize,
    /// Charges that must stand.
    charged: i64,
}

#[tokio::test]
async fn of_several_requests_at_once_in_a_session_none_takes_anything_from_another() {
    let _alone = ALONE.lock().await;
    let seed = dice::seed();
    println!("FAULTS_SEED={seed}");
    let server = Server::started_with(&VARIABLES).await;
    let talks = (0..SESSIONS).map(|number| {
        let server = &server;
        async move {
            let visitor = Visitor::of(server, "guest").await;
            control::scenario_anywhere(&visitor.id.to_string(), &json!({"chunks": 6, "chunk_text": "on{i} "})).await;
            let session = visitor.session().await;
            let dice = Dice::new(seed.wrapping_add(u64::try_from(number).unwrap()));
            let mut talk = Talk { visitor: &visitor, session, dice, said: 0, charged: 0 };
            for round in 0..ROUNDS {
                talk.round(round).await;
            }
            visitor.leaves().await;
        }
    });
    join_all(talks).await;
}

impl Talk<'_> {
    async fn round(&mut self, number: usize) {
        let known = self.messages().await;
        // Faults are given back ten times a day, and a round has fewer: each is a day of its own.
        stores::change_user(&self.visitor.id.to_string(), "user.returned = 0").await;
        let mut asked = Vec::new();
        for _ in 0..AT_ONCE {
            asked.push(self.draw(&known).await);
        }
        let fault = match self.dice.percent(30) {
            true => {
                let part =
                    self.dice.pick(&[Part::PostgresWrite, Part::PostgresSave, Part::RedisAppend, Part::RedisSettle]);
                let kind = self.dice.pick(&[Kind::Refused, Kind::Status500, Kind::Cut, Kind::LostReply]);
                Some((part, kind, part.strike(&self.visitor.id.to_string(), kind, Some(1)).await))
            }
            false => None,
        };
        let got = join_all(asked.iter().map(|asked| self.ask(asked))).await;
        let fault = match fault {
            Some((part, kind, fault)) => {
                fault.lift().await;
                format!("{part}, {kind}")
            }
            None => "no fault".to_owned(),
        };
        let words = format!(
            "round {number} ({fault}): {:?}",
            got.iter().map(|got| format!("{} -> {}", got.what, got.status)).collect::<Vec<_>>()
        );
        self.charged += got.iter().map(|got| i64::from(got.is_delivered)).sum::<i64>();
        let now = match within(|| REPAIRED_WITHIN, || self.at_rest()).await {
            Ok(now) => now,
            Err(reason) => panic!("{words}: {reason}"),
        };
        self.check(&words, &known, &now, &got);
    }

    async fn messages(&self) -> Messages {
        let mut messages = Messages::new();
        let mut before = String::new();
        loop {
            let path = format!("/chat/sessions/{}?limit=100{before}", self.session);
            let page = self.visitor.get(&path).await.expect(200).json();
            for message in page["messages"].as_array().expect("messages") {
                messages.insert(text(&message["id"]), message.clone());
            }
            match page["next_before"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => return messages,
            }
        }
    }

    /// A message, or what can be done with one that is there.
    async fn draw(&mut self, known: &Messages) -> Asked {
        let path = format!("/chat/sessions/{}/messages", self.session);
        let pick = |dice: &mut Dice, fits: &dyn Fn(&Value) -> bool| {
            let ids: Vec<&str> = known.iter().filter(|(_, it)| fits(it)).map(|(id, _)| id.as_str()).collect();
            (!ids.is_empty()).then(|| dice.pick(&ids).to_owned())
        };
        let dice = &mut self.dice;
        let kind = dice.below(100);
        let message = match kind {
            0..40 => None,
            40..55 => pick(dice, &|it| it["role"] == "user"),
            55..75 => pick(dice, &|_| true),
            _ => pick(dice, &|it| it["status"] == "interrupted" || it["status"] == "stopped"),
        };
        let streams = dice.percent(85);
        let at = 1 + dice.below(4);
        let reading = match dice.below(100) {
            _ if !streams => Reading::ToTheEnd,
            0..50 => Reading::ToTheEnd,
            50..75 => Reading::Leave(at),
            _ => Reading::Stop(at),
        };
        let (method, path, is_said) = match (kind, message) {
            (40..55, Some(message)) => ("PUT", format!("{path}/{message}"), true),
            (55..75, Some(message)) => ("POST", format!("{path}/{message}/regenerate"), false),
            (75.., Some(message)) => ("POST", format!("{path}/{message}/continue"), false),
            _ => ("POST", path, true),
        };
        let mut body = json!({"stream": streams});
        if is_said {
            self.said += 1;
            let tag = format!("{}.s{};", self.visitor.id, self.said);
            // Some fail before their first byte, while others go on after them.
            let fails = self.dice.percent(20);
            let refusal = || json!({"error": {"status": 400, "code": "invalid_type"}});
            let mut scenario = if fails { refusal() } else { Answer::draw(&mut self.dice).scenario(self.said) };
            scenario["first_byte_delay_ms"] = json!(self.dice.pick(&[0, 0, 50, 200, 400]));
            control::scenario(&tag, &scenario).await;
            body["content"] = json!(format!("said {tag}"));
        }
        let after = Duration::from_millis(self.dice.pick(&[0, 0, 60, 150]));
        Asked { method, path, body, after, reading }
    }

    async fn ask(&self, asked: &Asked) -> Got {
        let call = self.visitor.asks(asked.method, &asked.path, Some(&asked.body));
        tokio::time::sleep(asked.after).await;
        let mut reader = Reader::of(self.visitor.server().base(), &call).await;
        let answer = reader.headers.get("x-message-id").cloned();
        let what = format!("{} {} {}", asked.method, asked.path.rsplit('/').next().unwrap_or_default(), asked.body);
        let mut got = Got { what, status: reader.status, answer, is_delivered: false, read: String::new() };
        if reader.status != 200 || asked.body["stream"] == false {
            reader.read_to_end().await;
            got.is_delivered = reader.status == 200;
            let body: Value = serde_json::from_slice(&reader.body).expect("JSON");
            got.read = text(&body["message"]["content"]);
            return got;
        }
        if let Reading::Leave(chunks) = asked.reading {
            reader.read_chunks(chunks).await;
            (got.is_delivered, got.read) = (true, reader.said());
            return got;
        }
        if let Reading::Stop(chunks) = asked.reading
            && reader.read_chunks(chunks).await
        {
            got.read = reader.said();
            let seen = json!({"seen": got.read.chars().count()});
            let path =
                format!("/chat/sessions/{}/messages/{}/stop", self.session, got.answer.clone().unwrap_or_default());
            // On a busy machine Redis may not take the wish; the answer is read on then.
            if self.visitor.post(&path, &seen).await.status != 200 {
                got.read.clear();
            }
        }
        reader.read_to_end().await;
        got.is_delivered = true;
        if got.read.is_empty() {
            got.read = reader.said();
        }
        got
    }

    /// All messages, once nothing is running and what was delivered, and nothing else, is paid.
    async fn at_rest(&self) -> Result<Messages, String> {
        let messages = self.messages().await;
        if let Some(running) = messages.values().find(|message| message["status"] == "streaming") {
            return Err(format!("still `streaming`: {running}"));
        }
        let leases = self.visitor.leases().await.len();
        let used = self.visitor.used_today().await;
        if leases != 0 || used != self.charged {
            return Err(format!("{leases} leases, {used} charged instead of {}", self.charged));
        }
        Ok(messages)
    }

    fn check(&self, words: &str, before: &Messages, now: &Messages, got: &[Got]) {
        for (id, was) in before {
            let is = now.get(id).unwrap_or_else(|| panic!("{words}: {was} is gone"));
            let (was, is) = (text(&was["content"]), text(&is["content"]));
            assert!(is.starts_with(&was), "{words}: {was:?} has become {is:?}");
        }
        for (id, message) in now {
            if let Some(parent) = message["parent_id"].as_str() {
                assert!(now.contains_key(parent), "{words}: {id} follows nothing");
            }
        }
        for got in got {
            assert!(matches!(got.status, 200 | 400 | 409 | 502 | 503 | 504), "{words}: {}", got.what);
            if got.is_delivered {
                let answer = got.answer.as_ref().and_then(|id| now.get(id));
                let kept = answer.map(|answer| text(&answer["content"]));
                assert!(
                    kept.as_ref().is_some_and(|kept| kept.contains(&got.read)),
                    "{words}: read {:?} of {}, kept {kept:?}",
                    got.read,
                    got.what
                );
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
