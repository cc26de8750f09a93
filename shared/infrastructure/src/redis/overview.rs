//! What all instances share, as the operator is told of it; and the copy of what Postgres has said of late.

use std::collections::BTreeMap;

use domain::{BreakerState, RequestId, SharedFigures, day_of};
use serde::Deserialize;
use wire::upstash::{Command, Encoding, Reply};

use super::client::Redis;
use super::kept_figures::KeptFigures;
use super::keys;
use super::reply::unexpected;
use crate::StoreError;

/// How long the copy is good, in seconds: nobody who asks, however often, keeps a database awake.
pub const COPY_SECONDS: u64 = 60;

/// How long it is kept, in seconds: what was known last is told while Postgres gives no answer.
const COPY_LIFE_SECONDS: u64 = 86_400;

/// `slot_length` of `parts/ledger.lua`.
const SLOT_MS: i64 = 30_000;

/// What Redis knows for the operator, read at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedOverview {
    /// By Redis' clock, in milliseconds since 1970.
    pub now: i64,
    /// What all instances share.
    pub figures: SharedFigures,
    /// The value of all as it stands: while it stays the same, no message was sent and none has ended (`ended` in `settle.lua`).
    pub all: String,
}

/// The copy, and whose turn it is to renew it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCopy {
    /// The copy; `None`: there is none.
    pub figures: Option<KeptFigures>,
    /// Whether this request is the one in [`COPY_SECONDS`] that may renew it.
    pub is_ours: bool,
}

impl Redis {
    /// What all instances share.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn shared_overview(&self) -> Result<SharedOverview, StoreError> {
        let replies = self.pipeline(&read_shared(), self.timeout, Encoding::Plain).await?;
        read(&replies)
    }

    /// The same, and the copy. The first of all requests in [`COPY_SECONDS`] has to renew it.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn kept_overview(&self, request: RequestId) -> Result<(SharedOverview, KeptCopy), StoreError> {
        let request = request.to_string();
        let (copy, turn) = (keys::overview(), keys::overview_turn());
        let seconds = COPY_SECONDS.to_string();
        let mut commands = read_shared().to_vec();
        commands.push(Command::new(["GET".to_owned(), copy]));
        // A lost reply is asked for again, and finds its own name.
        commands.push(Command::new(["SET", &turn, &request, "NX", "EX", &seconds]));
        commands.push(Command::new(["GET".to_owned(), turn]));
        let replies = self.pipeline(&commands, self.timeout, Encoding::Plain).await?;
        let [shared @ .., text, _set, turn] = replies.as_slice() else { return Err(unexpected("six replies")) };
        let figures = text.optional_text()?.and_then(KeptFigures::parse);
        let is_ours = turn.optional_text()?.is_some_and(|holder| holder == request);
        Ok((read(shared)?, KeptCopy { figures, is_ours }))
    }

    /// Keeps a new copy.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn keep_overview(&self, figures: &KeptFigures) -> Result<(), StoreError> {
        let life = COPY_LIFE_SECONDS.to_string();
        let set = Command::new(["SET".to_owned(), keys::overview(), figures.text(), "EX".to_owned(), life]);
        self.command(&set, self.timeout).await.map(|_| ())
    }
}

fn read_shared() -> [Command; 3] {
    [
        Command::new(["TIME".to_owned()]),
        Command::new(["GET".to_owned(), keys::all()]),
        Command::new(["HGETALL".to_owned(), keys::refusals()]),
    ]
}

fn read(replies: &[Reply]) -> Result<SharedOverview, StoreError> {
    let [time, all, refusals] = replies else { return Err(unexpected("three replies")) };
    let (seconds, micros) = (time.item(0)?.integer()?, time.item(1)?.integer()?);
    let now = seconds.saturating_mul(1_000).saturating_add(micros / 1_000);
    let all = all.optional_text()?.unwrap_or_default().to_owned();
    let value = AllValue::parse(&all).ok_or_else(|| unexpected("what all share"))?;
    let mut figures = value.figures(now);
    for pair in refusals.array()?.chunks_exact(2) {
        if let [field, count] = pair
            && let Some((day, verdict)) = field.text()?.split_once(':')
            && let (Ok(day), Ok(count)) = (day.parse(), count.text()?.parse())
        {
            figures.refusals.push((day, verdict.to_owned(), count));
        }
    }
    Ok(SharedOverview { now, figures, all })
}

/// What `admit.lua` and `settle.lua` keep for all, as far as anybody is told of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AllValue {
    #[serde(default)]
    ledger: Ledger,
    #[serde(default)]
    breaker: Breaker,
    /// Models that were found gone, by the time until which that is remembered.
    #[serde(default)]
    gone: BTreeMap<String, i64>,
}

/// `parts/ledger.lua` says what stands in it.
#[derive(Debug, Default, Deserialize)]
struct Ledger {
    #[serde(default)]
    day: i64,
    #[serde(default)]
    spent: u64,
    #[serde(default)]
    held: BTreeMap<String, u64>,
}

/// `parts/breaker.lua` says what stands in it.
#[derive(Debug, Default, Deserialize)]
struct Breaker {
    #[serde(default)]
    opening: u64,
    #[serde(default)]
    open_until: i64,
}

impl AllValue {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self::default()) } else { serde_json::from_str(text).ok() }
    }

    /// The models that are gone at `now`, by their ids.
    pub(super) fn gone(self, now: i64) -> Vec<String> {
        self.gone.into_iter().filter(|(_, until)| *until > now).map(|(model, _)| model).collect()
    }

    /// What it says at `now`: what is past is still in the value until it is written again.
    fn figures(&self, now: i64) -> SharedFigures {
        let Self { ledger, breaker, .. } = self;
        let today = day_of(now);
        let mut spent = if ledger.day == today { ledger.spent } else { 0 };
        let mut held = 0;
        for (slot, sum) in &ledger.held {
            let Some(expires) = slot.parse::<i64>().ok().map(|slot| slot.saturating_mul(SLOT_MS)) else { continue };
            if expires > now {
                held += sum;
            } else if day_of(expires) == today {
                // Never settled: it counts as spent.
                spent += sum;
            }
        }
        let breaker_state = match breaker.open_until {
            0 => BreakerState::Closed,
            until if until > now => BreakerState::Open,
            _ => BreakerState::Probing,
        };
        SharedFigures { refusals: Vec::new(), spent, held, breaker: breaker_state, times_opened: breaker.opening }
    }
}

#[cfg(test)]
mod tests {
    use domain::DAY_MS;

    use super::*;

    #[test]
    fn what_was_never_settled_counts_as_spent_and_yesterday_counts_for_nothing() {
        let now = 20_000 * DAY_MS + 3_600_000;
        let (past, ahead) = (now / SLOT_MS - 1, now / SLOT_MS + 4);
        let text = format!(
            r#"{{"ledger":{{"day":20000,"spent":70,"hour":1,"hour_spent":0,"held":{{"{past}":5,"{ahead}":9}},"running":{{}}}},"breaker":{{"opening":3,"open_until":{0}}},"gone":{{"a":{now},"b":{0}}}}}"#,
            now + 1
        );
        let value = AllValue::parse(&text).unwrap();
        let figures = value.figures(now);
        assert_eq!((figures.spent, figures.held, figures.times_opened), (75, 9, 3));
        assert_eq!(figures.breaker, BreakerState::Open);
        assert_eq!(value.figures(now + 1).breaker, BreakerState::Probing);
        assert_eq!(value.figures(now + DAY_MS).spent, 0);
        assert_eq!(value.gone(now), ["b"]);
        let nothing = AllValue::parse("").unwrap().figures(now);
        assert_eq!((nothing.spent, nothing.breaker), (0, BreakerState::Closed));
        assert!(AllValue::parse("[").is_none());
        // Lua writes an empty list as an empty object.
        assert!(AllValue::parse(r#"{"ledger":{"held":{}},"breaker":{}}"#).is_some());
    }
}
