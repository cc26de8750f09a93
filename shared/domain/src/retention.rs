//! How long what is kept stays, and what a run of maintenance does about it, one statement after the other.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::SessionId;

/// Days that never pass.
const FOREVER: u32 = 1_000_000;

/// How many days what is kept stays; 0: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A deleted session: until then it can be restored. A link and an API key that have ended, too. Never 0.
    pub deleted_days: u32,
    /// A session that nobody touches.
    pub idle_days: u32,
    /// A guest who writes nothing, with all they have.
    pub guest_days: u32,
}

impl Retention {
    /// The days after which a deleted session goes, and a link or an API key that has ended.
    #[must_use]
    pub fn deleted(&self) -> i64 {
        days(self.deleted_days)
    }

    /// Whether a session of which nothing is there may have been, and have gone: its id says when it was made, and a deletion stands after so many days.
    #[must_use]
    pub fn may_have_gone(&self, id: SessionId, now: Timestamp) -> bool {
        let kept = SignedDuration::from_hours(24 * self.deleted());
        id.made_at().is_some_and(|made| now.duration_since(made) > kept)
    }

    /// The days after which an idle session is deleted.
    #[must_use]
    pub fn idle(&self) -> i64 {
        days(self.idle_days)
    }

    /// The days after which an idle guest is deleted.
    #[must_use]
    pub fn guest(&self) -> i64 {
        days(self.guest_days)
    }
}

fn days(set: u32) -> i64 {
    i64::from(if set == 0 { FOREVER } else { set })
}

/// One kind of what is to be done: a statement, repeated until it finds nothing more. What is to go at some time gets a line here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    /// Delete guests who have written nothing for long; what they have is removed by [`Chore::EraseUsers`].
    LockIdleGuests,
    /// Delete sessions that nobody has touched for long; they are removed by [`Chore::EraseSessions`], in their time.
    HideIdleSessions,
    /// Remove sessions that were deleted too long ago to be restored.
    EraseSessions,
    /// Remove what deleted users have left, and them.
    EraseUsers,
    /// Remove devices whose refresh token has ended.
    RemoveDevices,
    /// Remove links that ended long ago.
    RemoveShares,
    /// Remove API keys that did.
    RemoveApiKeys,
}

impl Chore {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::LockIdleGuests,
        Self::HideIdleSessions,
        Self::EraseSessions,
        Self::EraseUsers,
        Self::RemoveDevices,
        Self::RemoveShares,
        Self::RemoveApiKeys,
    ];
}

/// What was done, or what there is to do, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tended {
    /// Guests who were deleted because they were idle.
    pub idle_guests: u64,
    /// Sessions that were deleted because they were idle.
    pub idle_sessions: u64,
    /// Sessions that were removed.
    pub sessions: u64,
    /// Messages that were removed.
    pub messages: u64,
    /// Users who were removed, idle guests among them.
    pub users: u64,
    /// Devices that were removed.
    pub devices: u64,
    /// Links that were removed.
    pub shares: u64,
    /// API keys that were removed.
    pub api_keys: u64,
}

impl Tended {
    /// Reads the counts by their names.
    ///
    /// # Errors
    /// What `count` says of the first that cannot be read.
    pub fn read<E>(mut count: impl FnMut(&'static str) -> Result<u64, E>) -> Result<Self, E> {
        Ok(Self {
            idle_guests: count("idle_guests")?,
            idle_sessions: count("idle_sessions")?,
            sessions: count("sessions")?,
            messages: count("messages")?,
            users: count("users")?,
            devices: count("devices")?,
            shares: count("shares")?,
            api_keys: count("api_keys")?,
        })
    }

    /// The counts with their names.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 8] {
        [
            ("idle_guests", self.idle_guests),
            ("idle_sessions", self.idle_sessions),
            ("sessions", self.sessions),
            ("messages", self.messages),
            ("users", self.users),
            ("devices", self.devices),
            ("shares", self.shares),
            ("api_keys", self.api_keys),
        ]
    }

    fn add(&mut self, more: Self) {
        self.idle_guests += more.idle_guests;
        self.idle_sessions += more.idle_sessions;
        self.sessions += more.sessions;
        self.messages += more.messages;
        self.users += more.users;
        self.devices += more.devices;
        self.shares += more.shares;
        self.api_keys += more.api_keys;
    }
}

/// What one statement has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it has changed.
    pub tended: Tended,
    /// It found as much as one statement may look at, so there may be more.
    pub is_more: bool,
}

/// A run: the chores by turns, so that none waits behind another one's backlog. What it leaves is found by the next run, because all that a run knows
/// stands in the rows themselves.
#[derive(Clone, Debug)]
pub struct MaintenanceRun {
    open: VecDeque<Chore>,
    statements_left: u32,
    is_broken: bool,
    /// What it has done so far.
    pub tended: Tended,
}

impl MaintenanceRun {
    /// One of at most so many statements.
    #[must_use]
    pub fn new(statements: u32) -> Self {
        let open = Chore::ALL.into_iter().collect();
        Self { open, statements_left: statements, is_broken: false, tended: Tended::default() }
    }

    /// The chore whose statement is next. `None`: the run is over.
    pub fn next_chore(&mut self) -> Option<Chore> {
        self.statements_left = self.statements_left.checked_sub(1)?;
        self.open.pop_front()
    }

    /// Its statement has been executed.
    pub fn did(&mut self, chore: Chore, step: Step) {
        self.tended.add(step.tended);
        // Rows that are in use are left alone: they must not be looked at again and again.
        if step.is_more && step.tended != Tended::default() {
            self.open.push_back(chore);
        }
    }

    /// Its statement has failed: the chore waits for the next run.
    pub fn failed(&mut self) {
        self.is_broken = true;
    }

    /// Whether nothing is left for the next run, as far as this one knows.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.open.is_empty() && !self.is_broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sessions: u64, is_more: bool) -> Step {
        Step { tended: Tended { sessions, ..Tended::default() }, is_more }
    }

    #[test]
    fn chores_come_by_turns_and_end_when_nothing_is_left() {
        let mut run = MaintenanceRun::new(40);
        let mut asked = Vec::new();
        while let Some(chore) = run.next_chore() {
            asked.push(chore);
            let is_more = chore == Chore::EraseSessions && asked.len() < 10;
            run.did(chore, step(u64::from(is_more), is_more));
        }
        let mut expected = Chore::ALL.to_vec();
        expected.extend([Chore::EraseSessions; 3]);
        assert_eq!(asked, expected);
        assert_eq!((run.tended.sessions, run.is_finished()), (3, true));
    }

    #[test]
    fn a_run_ends_with_its_statements_and_says_that_there_is_more() {
        let mut run = MaintenanceRun::new(9);
        let mut asked = 0;
        while let Some(chore) = run.next_chore() {
            asked += 1;
            run.did(chore, step(1, true));
        }
        assert_eq!((asked, run.tended.sessions, run.is_finished()), (9, 9, false));
    }

    #[test]
    fn what_is_in_use_or_fails_is_left_to_the_next_run() {
        let mut run = MaintenanceRun::new(40);
        let mut asked = 0;
        while let Some(chore) = run.next_chore() {
            asked += 1;
            if chore == Chore::EraseUsers { run.failed() } else { run.did(chore, step(0, true)) }
        }
        assert_eq!((asked, run.is_finished()), (7, false));
    }

    #[test]
    fn what_is_older_than_a_deletion_can_be_undone_may_have_gone() {
        let retention = Retention { deleted_days: 30, idle_days: 0, guest_days: 90 };
        let made: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let id = SessionId::new(made, [7; 10]);
        for (hours, expected) in [(0, false), (30 * 24, false), (30 * 24 + 1, true)] {
            assert_eq!(retention.may_have_gone(id, made + SignedDuration::from_hours(hours)), expected, "{hours} h");
        }
        assert!(!retention.may_have_gone(id, made - SignedDuration::from_hours(1)));
    }

    #[test]
    fn nothing_passes_for_ever() {
        let retention = Retention { deleted_days: 30, idle_days: 0, guest_days: 90 };
        assert_eq!((retention.deleted(), retention.idle(), retention.guest()), (30, 1_000_000, 90));
    }
}
