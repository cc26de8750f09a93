//! What a user was promised of a turn: what is charged, and that what was read is kept.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::Value;
use tests::stores;

use super::{Before, Last, RETURNS_PER_DAY, Session, User, content};
use crate::aim::{Kind, Part};
use crate::random::client::{Asked, Got};
use crate::random::instances::Instance;
use crate::random::plan::{Action, Plan};

impl User<'_> {
    /// A message that failed and came again stands there once.
    pub(super) async fn is_said_once(&mut self, words: &str, asked: &Asked) {
        if matches!(asked.action, Action::Regenerate | Action::Continue) {
            return;
        }
        let said = "select count(*) from chat_messages m join chat_sessions s on s.id = m.session_id \
                    where s.user_id = $1::uuid and m.role = 'user' and m.content = $2";
        let times = stores::number(said, &[&self.visitor.id.to_string(), &content(&asked.tag)]).await;
        if times > 1 {
            self.violation(words, &format!("the message stands there {times} times"));
        }
    }

    /// Counts the messages given back: each request that asks the model is charged one, and what it is not charged was given back.
    pub(super) async fn count_returned(&mut self, got: &Got, before: &Before) {
        if !got.is_replayed && self.client().has_asked_since(before.calls).await {
            self.returned += 1 + before.used - self.used().await;
        }
    }

    /// What a request may have charged, at least and at most: an answer is paid once, and so is a model that was asked for nothing, but
    /// for the day's first faults. An instance that dies gives nothing back, and what became of its calls nobody can tell.
    pub(super) fn charged(
        &self,
        instance: &Instance,
        got: &Got,
        plan: &Plan,
        before: &Before,
        has_asked: bool,
    ) -> RangeInclusive<i64> {
        let is_known = instance.killed().is_none();
        let charged = match got {
            Got { is_replayed: true, .. } => 0..=0,
            Got { is_delivered: true, .. } => 1..=1,
            _ if !has_asked => 0..=i64::from(!is_known),
            // A fault may have come before the leaving was seen.
            Got { is_unread: true, .. } => i64::from(is_known && plan.fault.is_none() && plan.answer.begins())..=1,
            _ if self.returned < RETURNS_PER_DAY => 0..=i64::from(!is_known),
            _ => i64::from(is_known)..=1,
        };
        let taken_over = i64::from(before.may_be_paid && self.returned < RETURNS_PER_DAY);
        charged.start() - taken_over..=*charged.end()
    }

    /// What is kept against what was read.
    pub(super) fn check(&mut self, words: &str, asked: &Asked, plan: &Plan, got: &Got, messages: Vec<Value>) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let answers: BTreeSet<String> = messages
            .iter()
            .filter(|message| message["role"] == "assistant")
            .map(|message| text(&message["id"]))
            .collect();
        if asked.action == Action::SendInNewSession {
            self.session = got.session.clone().map(|id| Session { id, answers: BTreeSet::new(), turns: 0, last: None });
        }
        let Some(mut session) = self.session.take() else { return };
        session.turns += 1;
        if got.status == 200 {
            session.answers.extend(got.answer.clone());
        }
        if answers != session.answers {
            self.violation(
                words,
                &format!("{} answers instead of {}: {messages:?}", answers.len(), session.answers.len()),
            );
            session.answers = answers;
        }
        let row = messages.iter().find(|message| Some(text(&message["id"])) == got.answer);
        match row {
            Some(row) if got.status == 200 => {
                let (kept, status) = (text(&row["content"]), text(&row["status"]));
                self.check_text(words, asked, plan, got, &kept, &status);
                let question = got.question.clone().unwrap_or_else(|| text(&row["parent_id"]));
                let answer = text(&row["id"]);
                session.last = Some(Last { question, tag: asked.tag.clone(), answer, status, text: kept });
            }
            None if got.status == 200 => self.violation(words, "the answer is not kept"),
            _ => {
                let base = session.last.clone().filter(|_| asked.action == Action::Continue);
                let row = base
                    .as_ref()
                    .and_then(|last| messages.iter().find(|message| message["id"] == last.answer.as_str()));
                if let (Some(last), Some(row)) = (base, row)
                    && (text(&row["content"]) != last.text || text(&row["status"]) != last.status)
                {
                    self.violation(words, &format!("a continuation that failed has changed {:?} to {row}", last.text));
                }
            }
        }
        self.session = Some(session);
    }

    fn check_text(&mut self, words: &str, asked: &Asked, plan: &Plan, got: &Got, kept: &str, status: &str) {
        let read = asked.base.clone() + &got.text;
        match got.stopped {
            Some(seen) if status == "stopped" => {
                let expected = asked.base.clone() + &got.text.chars().take(seen).collect::<String>();
                if kept != expected {
                    self.violation(words, &format!("stopped at {expected:?}, kept {kept:?}"));
                }
            }
            _ if !kept.starts_with(&read) => self.violation(words, &format!("read {read:?}, kept `{status}` {kept:?}")),
            _ => {}
        }
        if got.is_follower_waiting {
            self.violation(words, "a follower of the answer still waits for its end");
        }
        if let Some(followed) = &got.followed
            && !got.is_lost
            && *followed != got.text
            && !is_copy_faulty(plan)
        {
            self.violation(words, &format!("read {:?}, followed {followed:?}", got.text));
        }
        if !plan.streams && kept != read {
            self.violation(words, &format!("told {read:?}, kept {kept:?}"));
        }
    }
}

/// A follower of an answer is served from its replay buffer.
fn is_copy_faulty(plan: &Plan) -> bool {
    matches!(plan.fault, Some((Part::RedisAppend | Part::RedisSettle | Part::PostgresSave, kind, _)) if kind != Kind::Slow)
}
