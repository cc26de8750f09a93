//! What an instance remembers from one request to the next, for as long as its variables stand: what was refused, and what anybody may ask for. It spares the
//! stores those who ask again at once. Nobody relies on it: instances come and go, and none knows of the others.

use std::cell::RefCell;

use domain::{DeviceId, Pause, Refusal, RefusedBy, Standing, User, UserId};
use infrastructure::redis::{Address, Admission, KeptFigures, SharedOverview};
use jiff::Timestamp;

/// How long a refusal is remembered at most, though it may last a day, in milliseconds: what an operator changes, such as a block that is lifted, is seen by
/// then.
const REFUSED_FOR_MS: i64 = 60_000;

/// So many refusals are; what has ended makes room, and where nothing has all are forgotten. They are looked through one by one, which takes some
/// microseconds.
const MOST_REFUSED: usize = 1_000;

/// So many requests under an idempotency key go by each refusal: the answer may be there already that they ask for again.
const KEYED_GO_BY: u8 = 2;

/// How long what Redis has told of the page is told to others, in milliseconds.
const TOLD_FOR_MS: i64 = 30_000;

/// What an instance remembers.
#[derive(Debug, Default)]
pub struct Remembered {
    refused: RefCell<Vec<Refused>>,
    told: RefCell<Option<(Timestamp, SharedOverview, KeptFigures)>>,
}

/// Where a user is refused.
#[derive(Debug, PartialEq, Eq)]
enum Where {
    /// Wherever they are.
    Anywhere,
    /// From this address: another one may have room.
    At(String),
    /// By the tokens of this device, or by a guest's.
    By(Option<DeviceId>),
}

/// A refusal that lasts.
#[derive(Clone, Copy, Debug)]
enum Said {
    Refused(Refusal),
    BudgetUsedUp(Pause),
    AddressFull(Pause),
    Blocked,
    Ended,
    Claimed,
}

/// What was said to whom, when, and until when it holds, in milliseconds of the instance's clock: the counters' own may be another.
#[derive(Debug)]
struct Refused {
    user: UserId,
    place: Where,
    said: Said,
    at: i64,
    until: i64,
    keyed: u8,
}

impl Remembered {
    /// What this caller was refused with, while that lasts.
    pub(crate) fn refusal(
        &self,
        caller: &User,
        address: &Address,
        is_keyed: bool,
        now: Timestamp,
    ) -> Option<Admission> {
        let now = now.as_millisecond();
        let mut refused = self.refused.borrow_mut();
        let known = refused.iter_mut().find(|known| {
            let is_theirs = known.user == caller.id
                && match &known.place {
                    Where::Anywhere => true,
                    Where::At(pool) => *pool == address.pool,
                    Where::By(device) => *device == caller.device,
                };
            // A clock that was set back ends it, too.
            is_theirs && (known.at..known.until).contains(&now)
        })?;
        if is_keyed && known.keyed < KEYED_GO_BY {
            known.keyed += 1;
            return None;
        }
        Some(known.said.told(now - known.at))
    }

    /// Remembers what the counters have said, if it holds for a while.
    pub(crate) fn remember(&self, caller: &User, address: &Address, said: &Admission, now: Timestamp) {
        let Some((said, place, lasts)) = lasting(caller, address, said) else { return };
        let at = now.as_millisecond();
        let mut refused = self.refused.borrow_mut();
        let known = refused.iter().position(|known| known.user == caller.id && known.place == place);
        let before = known.map(|known| refused.swap_remove(known));
        let keyed = before.filter(|before| before.until > at).map_or(0, |before| before.keyed);
        if refused.len() >= MOST_REFUSED {
            refused.retain(|known| known.until > at);
        }
        if refused.len() >= MOST_REFUSED {
            refused.clear();
        }
        refused.push(Refused { user: caller.id, place, said, at, until: at + lasts.min(REFUSED_FOR_MS), keyed });
    }

    /// What Redis has told of the page not long ago.
    pub(crate) fn told(&self, now: Timestamp) -> Option<(SharedOverview, KeptFigures)> {
        let told = self.told.borrow();
        let (at, shared, kept) = told.as_ref()?;
        let age = now.as_millisecond() - at.as_millisecond();
        (0..TOLD_FOR_MS).contains(&age).then(|| (shared.clone(), kept.clone()))
    }

    /// Keeps what Redis has just told.
    pub(crate) fn tell(&self, shared: &SharedOverview, kept: &KeptFigures, now: Timestamp) {
        *self.told.borrow_mut() = Some((now, shared.clone(), kept.clone()));
    }
}

impl Said {
    /// As it is so many milliseconds later.
    fn told(self, later: i64) -> Admission {
        let of = |standing: Standing| {
            let now = Timestamp::from_millisecond(standing.now.as_millisecond() + later).unwrap_or(standing.now);
            let mut standing = Standing { now, ..standing };
            standing.minute.reset_at = standing.minute.reset_at.max(now);
            standing
        };
        let paused = |pause: Pause| Pause { standing: of(pause.standing), ..pause };
        match self {
            Self::Refused(refusal) => Admission::Refused(Refusal { standing: of(refusal.standing), ..refusal }),
            Self::BudgetUsedUp(pause) => Admission::BudgetUsedUp(paused(pause)),
            Self::AddressFull(pause) => Admission::AddressFull(paused(pause)),
            Self::Blocked => Admission::Blocked,
            Self::Ended => Admission::Ended,
            Self::Claimed => Admission::Claimed,
        }
    }
}

/// What lasts of it, where it holds, and for how many milliseconds; `None`: it passes by itself in seconds, or is the request's own. What counts as a strike is
/// not remembered: it ends in being out, which is.
fn lasting(caller: &User, address: &Address, said: &Admission) -> Option<(Said, Where, i64)> {
    let here = || Where::At(address.pool.clone());
    let left = |until: Timestamp, standing: &Standing| until.as_millisecond() - standing.now.as_millisecond();
    Some(match said {
        Admission::Refused(refusal) => match refusal.by {
            RefusedBy::OutUntil(until) => (Said::Refused(*refusal), Where::Anywhere, left(until, &refusal.standing)),
            RefusedBy::Address { until, .. } => (Said::Refused(*refusal), here(), left(until, &refusal.standing)),
            RefusedBy::Minute | RefusedBy::Day | RefusedBy::Answers => return None,
        },
        Admission::BudgetUsedUp(pause) => (Said::BudgetUsedUp(*pause), here(), left(pause.until, &pause.standing)),
        Admission::AddressFull(pause) => (Said::AddressFull(*pause), here(), left(pause.until, &pause.standing)),
        // The user or their address: which of them, nobody says.
        Admission::Blocked => (Said::Blocked, here(), REFUSED_FOR_MS),
        // No token that has ended is good again.
        Admission::Ended => (Said::Ended, Where::By(caller.device), REFUSED_FOR_MS),
        Admission::Claimed => (Said::Claimed, Where::By(caller.device), REFUSED_FOR_MS),
        Admission::Admitted(_)
        | Admission::Paused(_)
        | Admission::Overloaded(_)
        | Admission::NeedsWork { .. }
        | Admission::Repeated(_)
        | Admission::Mismatch
        | Admission::KeySpent
        | Admission::Continued => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::{DayWindow, DeviceId, MinuteWindow, Role, RunningAnswers};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn somebody(number: u16) -> User {
        let [high, low] = number.to_be_bytes();
        User::new(UserId::new(at(0), [0, 0, 0, 0, 0, 0, 0, 0, high, low]), Role::Guest)
    }

    fn address(pool: &str) -> Address {
        Address { pool: pool.to_owned(), net: String::new() }
    }

    /// By a clock that is a day ahead of the instance's.
    fn theirs(seconds: i64) -> Timestamp {
        at(seconds + 86_400)
    }

    fn standing() -> Standing {
        Standing {
            minute: MinuteWindow { limit: 20, used: 0, reset_at: theirs(0) },
            day: DayWindow { limit: Some(100), used: 100, reset_at: theirs(3_600) },
            answers: RunningAnswers { limit: 3, active: 0 },
            now: theirs(0),
        }
    }

    fn refused(by: RefusedBy) -> Admission {
        Admission::Refused(Refusal { by, standing: standing() })
    }

    fn pause(seconds: i64) -> Pause {
        Pause { until: theirs(seconds), standing: standing() }
    }

    #[test]
    fn a_refusal_holds_where_it_was_made_until_its_end_and_for_a_minute_at_most() {
        let caller = somebody(1);
        let device = User { device: Some(DeviceId::new(at(0), [7; 10])), ..caller };
        for (said, seconds, is_elsewhere_too, is_of_device) in [
            (refused(RefusedBy::OutUntil(theirs(600))), 60, true, true),
            (refused(RefusedBy::OutUntil(theirs(5))), 5, true, true),
            (refused(RefusedBy::Address { most: 10, until: theirs(7) }), 7, false, true),
            (Admission::BudgetUsedUp(pause(3_600)), 60, false, true),
            (Admission::AddressFull(pause(30)), 30, false, true),
            (Admission::Blocked, 60, false, true),
            (Admission::Ended, 60, true, false),
            (Admission::Claimed, 60, true, false),
        ] {
            let known = Remembered::default();
            let (here, there) = (address("here"), address("there"));
            known.remember(&caller, &here, &said, at(0));
            let is_known = |caller: &User, address: &Address, seconds| {
                known.refusal(caller, address, false, at(seconds)).is_some()
            };
            assert!(is_known(&caller, &here, 0) && is_known(&caller, &here, seconds - 1), "{said:?}");
            assert!(!is_known(&caller, &here, seconds) && !is_known(&caller, &here, -1), "{said:?}");
            assert_eq!(is_known(&caller, &there, 1), is_elsewhere_too, "{said:?}");
            assert_eq!(is_known(&device, &here, 1), is_of_device, "{said:?}");
            assert!(!is_known(&somebody(2), &here, 1), "{said:?}");
        }
        for said in [
            refused(RefusedBy::Minute),
            refused(RefusedBy::Day),
            refused(RefusedBy::Answers),
            Admission::Paused(pause(30)),
            Admission::Overloaded(pause(5)),
            Admission::NeedsWork { bits: 18, standing: standing() },
            Admission::Mismatch,
        ] {
            let known = Remembered::default();
            known.remember(&caller, &address("here"), &said, at(0));
            assert_eq!(known.refusal(&caller, &address("here"), false, at(0)), None, "{said:?}");
        }
    }

    #[test]
    fn it_is_told_as_it_is_by_then_and_two_that_have_a_key_go_by() {
        let (known, caller, here) = (Remembered::default(), somebody(1), address("here"));
        let said = refused(RefusedBy::OutUntil(theirs(600)));
        known.remember(&caller, &here, &said, at(0));
        for _ in 0..KEYED_GO_BY {
            assert_eq!(known.refusal(&caller, &here, true, at(10)), None);
            // They were refused as well: no others go by for that.
            known.remember(&caller, &here, &said, at(10));
        }
        for is_keyed in [true, false] {
            let told = known.refusal(&caller, &here, is_keyed, at(25)).unwrap();
            let mut expected = Refusal { by: RefusedBy::OutUntil(theirs(600)), standing: standing() };
            expected.standing.now = theirs(15);
            expected.standing.minute.reset_at = theirs(15);
            assert_eq!(told, Admission::Refused(expected));
        }
    }

    #[test]
    fn however_many_are_refused_no_more_are_remembered_than_may_be() {
        let (known, here) = (Remembered::default(), address("here"));
        let most = u16::try_from(MOST_REFUSED).unwrap();
        for number in 0..most {
            known.remember(&somebody(number), &here, &Admission::Blocked, at(if number < 10 { 0 } else { 30 }));
        }
        // What has ended makes room.
        known.remember(&somebody(most), &here, &Admission::Blocked, at(60));
        assert_eq!(known.refused.borrow().len(), MOST_REFUSED - 9);
        for number in 0..2 * most {
            known.remember(&somebody(most + number), &here, &Admission::Blocked, at(61));
            assert!(known.refused.borrow().len() <= MOST_REFUSED);
        }
        assert!(known.refusal(&somebody(3 * most - 1), &here, false, at(62)).is_some());
    }

    #[test]
    fn what_redis_has_told_is_told_for_half_a_minute() {
        let known = Remembered::default();
        assert_eq!(known.told(at(0)), None);
        let shared = SharedOverview { now: 1, figures: domain::SharedFigures::default(), all: String::new() };
        let told = (shared, KeptFigures::default());
        known.tell(&told.0, &told.1, at(0));
        assert_eq!((known.told(at(29)), known.told(at(30)), known.told(at(-1))), (Some(told), None, None));
    }
}
