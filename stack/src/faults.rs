//! Faults by script: rules that the control plane appends and that calls run into.

use crate::body::CutAfter;
use crate::face::Face;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which calls a rule is about. All given conditions must hold.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// A text in the request body.
    pub contains: Option<String>,
    /// Texts that all stand in the request body: a visitor's id and the words of one statement, say.
    #[serde(default)]
    pub contains_all: Vec<String>,
    /// The end of the request's path (without the query).
    pub path: Option<String>,
}

/// What goes wrong. `latency_ms` may be combined with any of the others.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Wait this long before the call is executed.
    pub latency_ms: Option<u64>,
    /// Answer with this status; the call is not executed.
    pub status: Option<u16>,
    /// The body for `status`.
    pub body: Option<String>,
    /// The `Retry-After` for `status`, in seconds.
    pub retry_after: Option<u64>,
    /// Close the connection without an answer; the call is not executed.
    #[serde(default)]
    pub refuse: bool,
    /// Never answer; the call is not executed.
    #[serde(default)]
    pub hang: bool,
    /// Execute the call, then close the connection without an answer.
    #[serde(default)]
    pub lost_reply: bool,
    /// Execute, send this many bytes of the body, then close the connection.
    pub cut_after_bytes: Option<u64>,
    /// Execute, send this many chunks of the body, then close the connection.
    pub cut_after_chunks: Option<u64>,
    /// Answer 200 with nonsense; the call is not executed.
    #[serde(default)]
    pub garbage: bool,
}

/// What the matching rules together do to one call.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// To wait before anything else.
    pub latency_ms: u64,
    /// What then happens.
    pub effect: Effect,
}

/// The one thing that goes wrong with a call.
#[derive(Clone, Debug, Default)]
pub enum Effect {
    /// Nothing.
    #[default]
    None,
    /// An answer with this status, body and `Retry-After`, instead of executing.
    Status(u16, String, Option<u64>),
    /// The connection closes without an answer, nothing executed.
    Refuse,
    /// No answer, ever.
    Hang,
    /// Executed, but the answer is lost.
    LostReply,
    /// Executed, but the answer breaks off.
    Cut(CutAfter),
    /// 200 and nonsense.
    Garbage,
}

impl Fault {
    fn effect(&self) -> Effect {
        if self.refuse {
            Effect::Refuse
        } else if self.hang {
            Effect::Hang
        } else if self.lost_reply {
            Effect::LostReply
        } else if self.garbage {
            Effect::Garbage
        } else if let Some(status) = self.status {
            Effect::Status(status, self.body.clone().unwrap_or_default(), self.retry_after)
        } else if self.cut_after_bytes.is_some() || self.cut_after_chunks.is_some() {
            Effect::Cut(CutAfter { bytes: self.cut_after_bytes, chunks: self.cut_after_chunks })
        } else {
            Effect::None
        }
    }
}

/// A rule as the control plane takes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    face: Face,
    #[serde(default, rename = "match")]
    matches: Match,
    fault: Fault,
    times: Option<u64>,
    #[serde(default)]
    skip: u64,
}

impl Rule {
    /// The rule with a status no HTTP answer can have is refused when it is made, not when it strikes.
    pub fn is_valid(&self) -> bool {
        self.fault.status.is_none_or(|status| (100..=999).contains(&status))
    }

    fn strikes(&mut self, face: Face, path: &str, body: &str) -> bool {
        if self.face != face || self.times == Some(0) {
            return false;
        }
        let Match { contains, contains_all, path: end } = &self.matches;
        let path_fits = end.as_ref().is_none_or(|end| path.ends_with(end.as_str()));
        if !path_fits || !contains.iter().chain(contains_all).all(|text| body.contains(text.as_str())) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// A rule in force.
struct InForce {
    id: u64,
    rule: Rule,
    struck: u64,
}

#[derive(Default)]
struct Rules {
    last: u64,
    all: Vec<InForce>,
}

/// The rules in force.
#[derive(Default)]
pub struct Faults {
    rules: Mutex<Rules>,
}

impl Faults {
    /// Appends a rule; its number.
    pub fn add(&self, rule: Rule) -> u64 {
        let mut rules = self.lock();
        rules.last += 1;
        let id = rules.last;
        rules.all.push(InForce { id, rule, struck: 0 });
        id
    }

    /// Forgets a rule; how many calls it has struck, `None` if there is no such rule.
    pub fn lift(&self, id: u64) -> Option<u64> {
        let mut rules = self.lock();
        let at = rules.all.iter().position(|in_force| in_force.id == id)?;
        Some(rules.all.remove(at).struck)
    }

    /// Forgets all rules.
    pub fn clear(&self) {
        self.lock().all.clear();
    }

    /// What the rules do to a call. Latencies add up; of the rest, the first matching rule that has one decides, and later ones are
    /// not counted down.
    pub fn judge(&self, face: Face, path: &str, body: &[u8]) -> Verdict {
        let body = String::from_utf8_lossy(body);
        let mut verdict = Verdict::default();
        for in_force in &mut self.lock().all {
            let effect = in_force.rule.fault.effect();
            if !matches!(verdict.effect, Effect::None) && !matches!(effect, Effect::None) {
                continue;
            }
            if in_force.rule.strikes(face, path, &body) {
                in_force.struck += 1;
                verdict.latency_ms += in_force.rule.fault.latency_ms.unwrap_or(0);
                if !matches!(effect, Effect::None) {
                    verdict.effect = effect;
                }
            }
        }
        verdict
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
