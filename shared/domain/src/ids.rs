//! Identifiers. All are UUIDv7 (RFC 9562 §5.7): they sort by the moment they were made, so the primary key is also the order.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

/// A text that is no UUID in its hyphenated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id of the moment `now`, told apart from others of the same millisecond by 74 of the bits in `random`.
            #[must_use]
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Reads the hyphenated form.
            ///
            /// # Errors
            /// [`IdError`] for every other text, other spellings of a UUID included: an id has one address.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.len() != uuid::fmt::Hyphenated::LENGTH {
                    return Err(IdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }

            /// Reads what [`Self::to_bytes`] gives.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// When it was made, as far as its maker's clock was right.
            #[must_use]
            pub fn made_at(self) -> Option<Timestamp> {
                let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
                Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
            }

            /// As bytes, where a text would be too long.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }
    };
}

id! {
    /// A person, a guest included.
    UserId
}
id! {
    /// A device that somebody has signed in on: `sid` in their tokens.
    DeviceId
}
id! {
    /// A session: a chat as it is stored and listed.
    SessionId
}
id! {
    /// One message of a session.
    MessageId
}
id! {
    /// One request to us: in the log, in `X-Request-Id`, and the name under which a send is charged and leased.
    RequestId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_moment_they_were_made() {
        let early = MessageId::new(Timestamp::from_millisecond(1_000).unwrap(), [255; 10]);
        let late = MessageId::new(Timestamp::from_millisecond(1_001).unwrap(), [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        let id = SessionId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(SessionId::parse(&id.to_string()), Ok(id));
        for text in [
            "",
            "1",
            "019aa3c0-0000-7000-8000-00000000000g",
            "{019aa3c0-0000-7000-8000-000000000000}",
            &id.to_string().replace('-', ""),
        ] {
            assert_eq!(SessionId::parse(text), Err(IdError), "{text}");
        }
    }
}
