//! What an operator is told of a while: what became of messages, how long answers took, what they cost. What each number counts: docs/metrics.md.

use crate::UserId;

/// The longest while that is looked at, in days.
pub const OVERVIEW_DAYS: u32 = 31;

/// What the rows of a while say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answers that came to the model's end, or its limit.
    pub completed: u64,
    /// Answers that their readers ended.
    pub stopped: u64,
    /// Answers that broke off.
    pub interrupted: u64,
    /// Messages whose answer never began.
    pub failed: u64,
    /// Answers that have no end yet, and count for nothing until they have.
    pub running: u64,
    /// Users who have sent something.
    pub active_users: u64,
    /// Guests who began.
    pub new_guests: u64,
    /// Accounts that were made.
    pub new_accounts: u64,
    /// From the call of the model to its first event, in milliseconds; `None`: no answer says.
    pub first_byte: Option<Percentiles>,
    /// From the call of the model to the answer's end, in milliseconds.
    pub whole: Option<Percentiles>,
    /// What went wrong, by the code that its sender was told.
    pub failures: Vec<(String, u64)>,
    /// By the model that answered.
    pub models: Vec<ModelFigures>,
    /// What readers think of these answers, by the model that gave them.
    pub votes: Vec<ModelVotes>,
    /// Each hour that the while touches, in order.
    pub hours: Vec<HourFigures>,
    /// Who has sent most, at most ten.
    pub busiest: Vec<BusyUser>,
    /// Rows of users, sessions and messages, as Postgres estimates them.
    pub rows: u64,
    /// Bytes of the whole database, as they were measured last.
    pub bytes: u64,
}

/// Exact percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Half of all are at most this.
    pub p50: u64,
    /// 95 %.
    pub p95: u64,
    /// 99 %.
    pub p99: u64,
}

/// What one model has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFigures {
    /// Its id.
    pub model: String,
    /// Its answers.
    pub answers: u64,
    /// Tokens that it has read, by its own count.
    pub prompt_tokens: u64,
    /// Tokens that it has written, by its own count.
    pub completion_tokens: u64,
}

/// What readers think of one model's answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelVotes {
    /// Its id.
    pub model: String,
    /// Thumbs up.
    pub up: u64,
    /// Thumbs down.
    pub down: u64,
}

/// One hour of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourFigures {
    /// Hours since 1970.
    pub hour: i64,
    /// Messages.
    pub messages: u64,
    /// Those whose answer never began or broke off.
    pub failed: u64,
    /// The 95th percentile of the time to the first event, in milliseconds.
    pub first_byte_p95: Option<u64>,
}

/// Somebody who sends much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusyUser {
    /// Who.
    pub user: UserId,
    /// Their messages.
    pub messages: u64,
    /// Tokens of prompts and answers, by the model's count.
    pub tokens: u64,
}

impl Figures {
    /// All messages that have ended.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.completed + self.stopped + self.interrupted + self.failed
    }

    /// The part of them that was answered as far as its reader wanted, from 0 to 1; `None`: there are none.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        let all = self.messages();
        // Messages of a month: far below what a double holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "counts of a month")]
        let part = |count: u64| count as f64;
        (all > 0).then(|| part(self.completed + self.stopped) / part(all))
    }
}

/// What all instances share, as Redis has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedFigures {
    /// Refusals: the day since 1970, what the admission said, and how often.
    pub refusals: Vec<(i64, String, u64)>,
    /// Spent on this day, in micro-dollars.
    pub spent: u64,
    /// Kept free for running answers, in micro-dollars.
    pub held: u64,
    /// Whether the model is asked.
    pub breaker: BreakerState,
    /// How often it was not.
    pub times_opened: u64,
}

/// Whether the model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BreakerState {
    /// It is.
    #[default]
    Closed,
    /// It is not, for a while.
    Open,
    /// One call at a time tries it.
    Probing,
}

impl BreakerState {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Probing => "probing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_has_stopped_is_no_failure_and_nothing_is_no_rate() {
        let figures = Figures { completed: 5, stopped: 1, interrupted: 1, failed: 1, ..Figures::default() };
        assert_eq!((figures.messages(), figures.success_rate()), (8, Some(0.75)));
        assert_eq!(Figures::default().success_rate(), None);
    }
}
