//! What is known of a user, as one value (`parts/user.lua`), and where they stand by it.

use std::collections::BTreeMap;

use domain::{DayWindow, Limits, MessageId, MinuteWindow, RequestId, RunningAnswers, Standing, day_of, end_of_day};
use jiff::Timestamp;
use serde::Deserialize;

const MINUTE_MS: i64 = 60_000;

/// Up to this many messages a minute the time of each is exact. Above, times are rounded up to whole seconds, so that the value stays small: a
/// message leaves the minute at most a second late.
const EXACT_TIMES: u64 = 120;

/// The resolution of the minute's timestamps for this limit, in milliseconds.
pub(super) fn time_resolution(per_minute: u64) -> u32 {
    if per_minute <= EXACT_TIMES { 1 } else { 1_000 }
}

/// What `parts/user.lua` says of the value. Lua writes an empty list as an empty object.
#[derive(Debug, Default, Deserialize)]
pub(super) struct UserValue {
    #[serde(default)]
    minute: SentTimes,
    #[serde(default)]
    day: i64,
    #[serde(default)]
    used: u64,
    #[serde(default)]
    running: BTreeMap<String, Run>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SentTimes {
    Some(Vec<i64>),
    None {},
}

impl Default for SentTimes {
    fn default() -> Self {
        Self::None {}
    }
}

#[derive(Debug, Deserialize)]
struct Run {
    ends: i64,
    answer: String,
}

impl UserValue {
    /// Reads the value; an empty one is that of a user who has not sent anything for a day. `None`: the text has another shape.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self::default()) } else { serde_json::from_str(text).ok() }
    }

    /// Where the user stands at `now`, by Redis' clock. What is past is still in the value until it is written again.
    pub fn standing(&self, now: Timestamp, limits: Limits) -> Standing {
        let Limits { per_minute, per_day, answers } = limits;
        let millis = now.as_millisecond();
        let times = match &self.minute {
            SentTimes::Some(times) => times.as_slice(),
            SentTimes::None {} => &[],
        };
        let sent = times.chunks_exact(2).filter_map(|pair| match pair {
            [at, count] if *at > millis - MINUTE_MS => Some((*at, u64::try_from(*count).unwrap_or(0))),
            _ => None,
        });
        let oldest = sent.clone().map(|(at, _)| at).min();
        let today = day_of(millis);
        Standing {
            now,
            minute: MinuteWindow {
                limit: per_minute,
                used: sent.map(|(_, count)| count).sum(),
                reset_at: oldest.and_then(|at| Timestamp::from_millisecond(at + MINUTE_MS).ok()).unwrap_or(now),
            },
            day: DayWindow {
                limit: per_day,
                used: if self.day == today { self.used } else { 0 },
                reset_at: end_of_day(now),
            },
            answers: RunningAnswers {
                limit: answers,
                active: self.running.values().map(|run| u64::from(run.ends > millis)).sum(),
            },
        }
    }

    /// The end of the lease that a run has or had, in milliseconds since 1970 by Redis' clock; `None`: nothing is known of it, or it has ended.
    pub fn lease_of(&self, run: RequestId) -> Option<i64> {
        self.running.get(&run.to_string()).map(|run| run.ends)
    }

    /// The run that writes `answer` at present.
    pub fn run_of(&self, answer: MessageId) -> Option<RequestId> {
        let answer = answer.to_string();
        let (request, _) = self.running.iter().find(|(_, run)| run.answer == answer)?;
        RequestId::parse(request).ok()
    }
}

#[cfg(test)]
mod tests {
    use domain::DAY_MS;

    use super::*;

    #[test]
    fn a_message_leaves_the_minute_after_sixty_seconds_and_the_day_at_midnight() {
        let limits = Limits { per_minute: 5, per_day: Some(9), answers: 3 };
        let text = r#"{"minute":[1000,2,1500,1],"day":0,"used":4,"running":{"r":{"ends":60000,"answer":"a"}}}"#;
        let value = UserValue::parse(text).unwrap();
        // At this time; messages of the minute, the time at which the oldest leaves it, messages of the day, running answers.
        for (now, minute, reset_at, day, running) in [
            (59_999, 3, 61_000, 4, 1),
            (60_000, 3, 61_000, 4, 0),
            (60_999, 3, 61_000, 4, 0),
            (61_000, 1, 61_500, 4, 0),
            (61_500, 0, 61_500, 4, 0),
            (DAY_MS - 1, 0, DAY_MS - 1, 4, 0),
            (DAY_MS, 0, DAY_MS, 0, 0),
        ] {
            let standing = value.standing(Timestamp::from_millisecond(now).unwrap(), limits);
            let found = (standing.minute.used, standing.minute.reset_at.as_millisecond(), standing.day.used);
            assert_eq!((found, standing.answers.active), ((minute, reset_at, day), running), "at {now} ms");
        }
    }
}
