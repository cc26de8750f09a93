//! One user: turn after turn.

mod promises;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Visitor, control, stores, within};

use super::Run;
use super::client::{Asked, Client, Got, LONGEST_TURN};
use super::dice::Dice;
use super::instances::Instance;
use super::plan::{Action, Plan};
use crate::REPAIRED_WITHIN;

/// What a reader saw this long before an instance dies is kept: here the buffer is appended every 100 ms, on a busy machine.
const APPENDED_WITHIN: Duration = Duration::from_millis(1_500);

/// Messages of a user that are given back a day because of faults.
const RETURNS_PER_DAY: i64 = 10;

/// A page of a session holds all of it.
const TURNS_PER_SESSION: usize = 25;

pub struct User<'a> {
    run: &'a Run,
    number: usize,
    dice: Dice,
    visitor: Visitor,
    session: Option<Session>,
    /// Messages of the day given back because of faults.
    returned: i64,
    /// What dead instances still hold.
    leases_of_dead: BTreeSet<String>,
    left: Vec<Left>,
    report: Report,
}

/// How a user stood before a request.
struct Before {
    used: i64,
    /// A number below that of any model call of it.
    calls: u64,
    /// Whether its key may stand for a charge of a reader who left: the request takes it over, and that counts among the messages given back.
    may_be_paid: bool,
}

#[derive(Default)]
pub struct Report {
    pub violations: Vec<String>,
    pub seen: BTreeMap<String, usize>,
}

/// The session that a user is in.
struct Session {
    id: String,
    answers: BTreeSet<String>,
    turns: usize,
    last: Option<Last>,
}

/// The newest question and its newest answer.
#[derive(Clone)]
struct Last {
    question: String,
    tag: String,
    answer: String,
    status: String,
    text: String,
}

/// An answer of an instance that was killed.
struct Left {
    answer: String,
    required: String,
    turn: String,
}

impl<'a> User<'a> {
    pub async fn join(run: &'a Run, number: usize, dice: Dice) -> Self {
        let visitor = Visitor::of(&run.instances.at(number % 2).server, "guest").await;
        Self {
            run,
            number,
            dice,
            visitor,
            session: None,
            returned: 0,
            leases_of_dead: BTreeSet::new(),
            left: Vec::new(),
            report: Report::default(),
        }
    }

    pub async fn play(mut self, turns: usize) -> Report {
        for turn in 0..turns {
            let plan = Plan::draw(&mut self.dice);
            self.turn(turn, &plan).await;
            self.run.over.send_modify(|over| *over += 1);
        }
        self.leave().await
    }

    fn client(&self) -> Client<'_> {
        Client { run: self.run, visitor: &self.visitor }
    }

    fn violation(&mut self, turn: &str, what: &str) {
        self.report.violations.push(format!("user {}, {turn}: {what}", self.number));
    }

    fn note(&mut self, what: String) {
        *self.report.seen.entry(what).or_default() += 1;
    }

    async fn turn(&mut self, number: usize, plan: &Plan) {
        let asked = self.ask(number, plan).await;
        let words = format!("turn {number} ({:?} as {plan:?})", asked.action);
        let fault = match plan.fault {
            Some((part, kind, times)) => Some(part.strike(&self.visitor.id.to_string(), kind, Some(times)).await),
            None => None,
        };
        let settled = self.request(&words, &asked, plan, false).await;
        if let Some(fault) = fault {
            self.run.struck.set(self.run.struck.get() + fault.lift().await);
        }
        let Some(first) = settled else { return };
        if !plan.again {
            return;
        }
        let repeated = plan.repeated(1 - plan.place);
        if first.is_delivered {
            self.replay(&words, &asked, &first, &repeated).await;
        } else {
            let words = format!("again, {words}");
            let again = self.request(&words, &asked, &repeated, first.is_unread).await;
            // Of an answer whose reader left early there may be something to be told again.
            let must_be_new = !first.is_unread;
            if again.is_some_and(|again| must_be_new && (again.is_replayed || again.status == 409)) {
                self.violation(&words, "the key of a turn that failed is not free");
            }
            self.is_said_once(&words, &asked).await;
        }
    }

    /// Puts the request together and tells the model what to do with it.
    async fn ask(&mut self, number: usize, plan: &Plan) -> Asked {
        let scenario = plan.answer.scenario(number);
        let id = self.visitor.id;
        let tag = format!("{id}.r{number};");
        let content = json!({"content": content(&tag), "stream": plan.streams});
        let bare = json!({"stream": plan.streams});
        let session = self.session.as_ref().filter(|session| session.turns < TURNS_PER_SESSION);
        let last = session.and_then(|session| session.last.clone());
        let can_go_on = last.as_ref().is_some_and(|last| matches!(last.status.as_str(), "stopped" | "interrupted"));
        let path = session.map(|session| format!("/chat/sessions/{}/messages", session.id));
        let (action, method, path, body, tag, base) = match (plan.action, path, last) {
            (Action::Edit, Some(path), Some(last)) => {
                (Action::Edit, "PUT", format!("{path}/{}", last.question), content, tag, String::new())
            }
            (Action::Regenerate, Some(path), Some(last)) => (
                Action::Regenerate,
                "POST",
                format!("{path}/{}/regenerate", last.answer),
                bare,
                last.tag,
                String::new(),
            ),
            (Action::Continue, Some(path), Some(last)) if can_go_on => {
                (Action::Continue, "POST", format!("{path}/{}/continue", last.answer), bare, last.tag, last.text)
            }
            (Action::SendInNewSession, ..) | (_, None, _) => {
                (Action::SendInNewSession, "POST", "/chat/messages".to_owned(), content, tag, String::new())
            }
            (_, Some(path), _) => (Action::Send, "POST", path, content, tag, String::new()),
        };
        match action {
            Action::Continue => control::scenario_anywhere(&id.to_string(), &scenario).await,
            _ => control::scenario(&tag, &scenario).await,
        }
        let call = self.visitor.asks(method, &path, Some(&body)).header("idempotency-key", &format!("turn-{number}"));
        Asked { action, call, tag, base }
    }

    /// Makes a request and checks what it promises. `None`: its instance was killed meanwhile.
    async fn request(&mut self, words: &str, asked: &Asked, plan: &Plan, may_be_paid: bool) -> Option<Got> {
        let instance = self.run.instances.at(plan.place);
        let before = Before { used: self.used().await, calls: control::newest().await, may_be_paid };
        let began = Instant::now();
        let got = self.client().receive(&instance, asked, plan).await;
        let took = began.elapsed();
        if instance.killed().is_none() && took > LONGEST_TURN {
            self.violation(words, &format!("lasted {took:?}"));
        }
        if instance.killed().is_none() && got.is_lost {
            self.violation(words, "the connection was lost");
        }
        if got.code == "provider_unavailable" {
            self.violation(words, "one address has opened the breaker");
        }
        let at_rest = self.at_rest(&instance, asked, &got, plan, &before).await;
        self.count_returned(&got, &before).await;
        match at_rest {
            Ok(messages) if instance.killed().is_none() => {
                if got.is_unread {
                    // Which answer it is, if there is any, was never told.
                    self.note(format!("unread {:?}", asked.action));
                    self.session = None;
                } else {
                    self.note(format!("{} {:?} {}", got.status, asked.action, got.code));
                    self.check(words, asked, plan, &got, messages);
                }
            }
            Err(reason) if instance.killed().is_none() => {
                self.violation(words, &reason);
                self.session = None;
            }
            _ => {
                self.note(format!("killed {:?}", asked.action));
                self.bury(words, &instance, plan, asked, got).await;
                return None;
            }
        }
        Some(got)
    }

    /// Remembers what an instance that was killed has left.
    async fn bury(&mut self, words: &str, instance: &Rc<Instance>, plan: &Plan, asked: &Asked, got: Got) {
        self.session = None;
        self.leases_of_dead = self.visitor.leases().await;
        let killed = instance.killed().expect("it was killed");
        // With another fault beside the kill there may be no replay buffer.
        let read = got.history.iter().rev().find(|(at, _)| *at + APPENDED_WITHIN < killed).map_or(0, |(_, read)| *read);
        let read = if plan.fault.is_some() { 0 } else { read };
        let Some(answer) = got.answer else { return };
        let read = if got.stopped.is_some() { 0 } else { read };
        let required = asked.base.clone() + &got.text.chars().take(read).collect::<String>();
        self.left.push(Left { answer, required, turn: words.to_owned() });
    }

    async fn messages(&self, session: &str) -> Vec<Value> {
        let call = self.visitor.asks("GET", &format!("/chat/sessions/{session}?limit=100"), None);
        let answer = self.run.instances.ask(call).await;
        if answer.status == 404 {
            return Vec::new();
        }
        answer.expect(200).json()["messages"].as_array().expect("messages").clone()
    }

    async fn quota(&self) -> Value {
        self.run.instances.ask(self.visitor.asks("GET", "/chat/quota", None)).await.expect(200).json()
    }

    async fn used(&self) -> i64 {
        self.quota().await["day"]["used"].as_i64().expect("a number")
    }

    /// Waits until nothing of the turn is running and the charges are right; the messages of its session.
    async fn at_rest(
        &self,
        instance: &Instance,
        asked: &Asked,
        got: &Got,
        plan: &Plan,
        before: &Before,
    ) -> Result<Vec<Value>, String> {
        let current = self
            .session
            .as_ref()
            .map(|session| session.id.clone())
            .filter(|_| asked.action != Action::SendInNewSession);
        let session = got.session.clone().or(current);
        let limit = || if instance.killed().is_some() { Duration::ZERO } else { REPAIRED_WITHIN };
        within(limit, || async {
            let messages = match &session {
                Some(session) => self.messages(session).await,
                None => Vec::new(),
            };
            if let Some(running) = messages.iter().find(|message| message["status"] == "streaming") {
                return Err(format!("still `streaming`: {running}"));
            }
            let used = self.used().await;
            let held = self.visitor.leases().await;
            if !held.is_subset(&self.leases_of_dead) {
                return Err(format!("a lease is still held: {held:?}"));
            }
            let has_asked = self.client().has_asked_since(before.calls).await;
            let (charged, may_be) = (used - before.used, self.charged(instance, got, plan, before, has_asked));
            match may_be.contains(&charged) {
                true => Ok(messages),
                false => Err(format!(
                    "{charged} charged, not {may_be:?} ({} {}, asked: {has_asked}, {} given back before)",
                    got.status, got.code, self.returned
                )),
            }
        })
        .await
    }

    /// The same request once more, after an answer: the same answer, and nothing else.
    async fn replay(&mut self, words: &str, asked: &Asked, first: &Got, plan: &Plan) {
        let instance = self.run.instances.at(plan.place);
        let before = Before { used: self.used().await, calls: control::newest().await, may_be_paid: false };
        let again = self.client().receive(&instance, asked, plan).await;
        if instance.killed().is_some() || again.code == "storage_unavailable" {
            return;
        }
        let Some(last) = self.session.as_ref().and_then(|session| session.last.clone()) else { return };
        let text = [again.text.clone(), asked.base.clone() + &again.text];
        if again.status != 200 || !again.is_replayed || again.answer != first.answer {
            self.violation(words, &format!("given again as {} {} {:?}", again.status, again.code, again.answer));
        } else if !text.contains(&last.text) {
            self.violation(words, &format!("kept {:?}, given again as {text:?}", last.text));
        }
        match self.at_rest(&instance, asked, &again, plan, &before).await {
            _ if instance.killed().is_some() => {}
            Ok(messages) => {
                let answers = messages.iter().filter(|message| message["role"] == "assistant").count();
                let known = self.session.as_ref().map_or(0, |session| session.answers.len());
                if answers != known {
                    self.violation(words, &format!("{answers} answers after a replay, not {known}"));
                }
            }
            Err(reason) => self.violation(words, &format!("after a replay: {reason}")),
        }
        self.note(format!("replayed {:?}", asked.action));
    }

    /// A minute after the kills: what they left reads as ended, the text that was seen is there, and the sessions go on.
    async fn leave(mut self) -> Report {
        let user = self.visitor.id.to_string();
        let aged = "update chat_messages set updated_at = now() - interval '61 seconds' where status = 'streaming' \
                    and session_id in (select id from chat_sessions where user_id = $1::uuid) returning session_id";
        let rows = stores::rows(aged, &[&user]).await;
        let sessions: BTreeSet<String> = rows.into_iter().filter_map(|mut row| row.remove(0)).collect();
        for session in &sessions {
            let messages = self.messages(session).await;
            if let Some(running) = messages.iter().find(|message| message["status"] == "streaming") {
                self.violation("at the end", &format!("`streaming` after a minute: {running}"));
            }
            let body = json!({"content": self.visitor.text("once more"), "stream": false});
            let call = self.visitor.asks("POST", &format!("/chat/sessions/{session}/messages"), Some(&body));
            self.run.instances.ask(call).await.expect(200);
        }
        for left in std::mem::take(&mut self.left) {
            let of =
                stores::rows("select content, status from chat_messages where id = $1::uuid", &[&left.answer]).await;
            let kept = of.first().and_then(|row| row[0].clone()).unwrap_or_default();
            if !kept.starts_with(&left.required) {
                let status = of.first().and_then(|row| row[1].clone());
                self.violation(
                    &left.turn,
                    &format!("its instance was killed; seen {:?}, kept {status:?} {kept:?}", left.required),
                );
            }
            self.note(format!("killed, {} text kept", if left.required.is_empty() { "no" } else { "with its" }));
        }
        // What the dead have held ends by itself after a minute, and changes no charge.
        let used = self.used().await;
        self.visitor.expire_leases().await;
        let quota = self.quota().await;
        if (&quota["day"]["used"], &quota["streams"]["active"]) != (&json!(used), &json!(0)) {
            self.violation("at the end", &format!("{used} were charged, now it is {quota}"));
        }
        // Nobody is let in any more who would clear them away.
        stores::change_user(&user, "user.running = {}").await;
        self.visitor.leaves().await;
        self.report
    }
}

/// What a message says.
fn content(tag: &str) -> String {
    format!("turn {tag}")
}
