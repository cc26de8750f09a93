//! What becomes of a message's charge: once the model has been asked, its place in the minute is used; the day's message is given back
//! only for a fault that is not the visitor's.

/// Messages of a user that are given back a day because of faults: beyond them a charge stands, so that a visitor who can provoke
/// a fault cannot ask the model all day for nothing.
pub const RETURNS_PER_DAY: u32 = 10;

/// How a message ended that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnEnd {
    /// Postgres refused the request after Redis had admitted it: both are asked side by side.
    Refused,
    /// As [`Self::Refused`]: the failed try whose ids it reuses was deleted meanwhile.
    TakesUpDeleted,
    /// A fault that is not the visitor's came before the model was asked.
    NotAsked,
    /// An answer has begun: also an empty one, a filtered one, one that was cut.
    Answered,
    /// The reader left before the first byte.
    ReaderLeft,
    /// Its session was deleted while the model was asked.
    SessionDeleted,
    /// Sessions that were started at the same moment left no room for its own while the model was asked.
    NoRoom,
    /// The branch is longer than the model takes.
    ContextTooLong,
    /// We, a store or the model failed before the first byte.
    Failed,
    /// An answer broke off that is given whole or not at all: its client has got nothing.
    Withheld,
}

impl TurnEnd {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Refused,
        Self::TakesUpDeleted,
        Self::NotAsked,
        Self::Answered,
        Self::ReaderLeft,
        Self::SessionDeleted,
        Self::NoRoom,
        Self::ContextTooLong,
        Self::Failed,
        Self::Withheld,
    ];
}

/// What becomes of the charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeEnd {
    /// It stands.
    Kept,
    /// Minute and day are given back.
    Undone,
    /// Minute and day are given back, and it counts among the refusals that shut a user out for a while: it cost two store calls.
    UndoneAsRefused,
    /// The day's message is given back; it counts among [`RETURNS_PER_DAY`], and beyond them the charge stands.
    DayReturnedAsFault,
    /// The day's message is given back.
    DayReturned,
}

/// What becomes of the idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// It stands for the answer.
    Kept,
    /// The same request may be made again under it, as a new one.
    Freed,
    /// No answer has begun and the charge stands: the same request may be made again under it and takes the charge over, as often as a
    /// fault is given back. A visitor who lost the connection and asks again is not charged twice, and one who leaves at will is.
    Left,
    /// The key's session was deleted: the key stays claimed and is answered with 410.
    Spent,
    /// The request died before it wrote anything: the same request may be made again under it and takes the charge over.
    Dead,
}

impl TurnEnd {
    /// What becomes of the charge.
    #[must_use]
    pub fn charge(self) -> ChargeEnd {
        match self {
            Self::Refused | Self::TakesUpDeleted => ChargeEnd::UndoneAsRefused,
            Self::NotAsked => ChargeEnd::Undone,
            Self::Answered | Self::ReaderLeft | Self::SessionDeleted | Self::NoRoom => ChargeEnd::Kept,
            Self::ContextTooLong => ChargeEnd::DayReturned,
            Self::Failed | Self::Withheld => ChargeEnd::DayReturnedAsFault,
        }
    }

    /// What becomes of the idempotency key.
    #[must_use]
    pub fn key(self) -> KeyEnd {
        match self {
            Self::Answered => KeyEnd::Kept,
            Self::Refused | Self::NotAsked | Self::ContextTooLong | Self::Failed | Self::Withheld => KeyEnd::Freed,
            Self::ReaderLeft | Self::NoRoom => KeyEnd::Left,
            Self::SessionDeleted | Self::TakesUpDeleted => KeyEnd::Spent,
        }
    }
}

impl ChargeEnd {
    /// The name in the scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Undone => "undone",
            Self::UndoneAsRefused => "refused",
            Self::DayReturnedAsFault | Self::DayReturned => "day_returned",
        }
    }

    /// How many such returns there may be a user and day; `None`: they are not counted.
    #[must_use]
    pub fn allowance(self) -> Option<u32> {
        match self {
            Self::DayReturnedAsFault => Some(RETURNS_PER_DAY),
            Self::Kept | Self::Undone | Self::UndoneAsRefused | Self::DayReturned => None,
        }
    }
}

impl KeyEnd {
    /// The name in the scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Freed => "failed",
            Self::Left => "left",
            Self::Spent => "spent",
            Self::Dead => "dead",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_its_price() {
        let cases = [
            (TurnEnd::Refused, ChargeEnd::UndoneAsRefused, KeyEnd::Freed),
            (TurnEnd::TakesUpDeleted, ChargeEnd::UndoneAsRefused, KeyEnd::Spent),
            (TurnEnd::NotAsked, ChargeEnd::Undone, KeyEnd::Freed),
            (TurnEnd::Answered, ChargeEnd::Kept, KeyEnd::Kept),
            (TurnEnd::ReaderLeft, ChargeEnd::Kept, KeyEnd::Left),
            (TurnEnd::SessionDeleted, ChargeEnd::Kept, KeyEnd::Spent),
            (TurnEnd::NoRoom, ChargeEnd::Kept, KeyEnd::Left),
            (TurnEnd::ContextTooLong, ChargeEnd::DayReturned, KeyEnd::Freed),
            (TurnEnd::Failed, ChargeEnd::DayReturnedAsFault, KeyEnd::Freed),
            (TurnEnd::Withheld, ChargeEnd::DayReturnedAsFault, KeyEnd::Freed),
        ];
        for (end, charge, key) in cases {
            assert_eq!((end.charge(), end.key()), (charge, key), "{end:?}");
        }
    }

    #[test]
    fn only_what_never_reached_the_model_gives_the_minute_back() {
        let unasked = [TurnEnd::Refused, TurnEnd::TakesUpDeleted, TurnEnd::NotAsked];
        for end in TurnEnd::ALL {
            let gives_back = ["undone", "refused"].contains(&end.charge().name());
            assert_eq!(gives_back, unasked.contains(&end), "{end:?}");
        }
    }

    #[test]
    fn only_faults_are_rationed() {
        assert_eq!(ChargeEnd::DayReturnedAsFault.allowance(), Some(RETURNS_PER_DAY));
        for end in [ChargeEnd::Kept, ChargeEnd::Undone, ChargeEnd::UndoneAsRefused, ChargeEnd::DayReturned] {
            assert_eq!(end.allowance(), None, "{end:?}");
        }
    }
}
