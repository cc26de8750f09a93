//! A question of somebody without a token: they are known by their address alone, counted with its guests, and nothing is kept.

use std::net::IpAddr;

use domain::{Action, Limits, MessageRole, MessageText, PromptMessage, Role, User, UserId};
use infrastructure::model::Wishes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::reply::AnswerForm;
use super::send::SendMessage;
use crate::{App, address};

/// Questions of one address in any 60 seconds.
const PER_MINUTE: u64 = 5;

/// The longest question, in characters.
pub const ONE_SHOT_CHARS: usize = 2_000;

/// The longest answer, in bytes.
pub const ONE_SHOT_BYTES: usize = 10_000;

/// The question as a message, which is sent as others are. Its answer streams, so that the model is closed where it is cut.
#[must_use]
pub fn one_shot(app: &App, address: Option<IpAddr>, proof: Option<String>, question: &MessageText) -> SendMessage {
    let caller = somebody_at(app, address);
    let limits = Limits { per_minute: PER_MINUTE, per_day: None, answers: app.config.answers };
    let messages = vec![PromptMessage { role: MessageRole::User, content: question.as_str().to_owned() }];
    SendMessage {
        caller,
        limits,
        address,
        action: Action::Ask { messages, beside: 0 },
        answer: AnswerForm::Stream,
        key: None,
        proof,
        wishes: Wishes::default(),
    }
}

/// Who stands for all at this address, a /64 of IPv6: a guest whose id is a hash of it, so that the admission counts their minute with everything else. Nobody has a
/// token of theirs.
fn somebody_at(app: &App, address: Option<IpAddr>) -> User {
    let address = address::hash(app, address);
    let mut hash = Sha256::new();
    for part in ["edgewise one-shot", &address.pool, &address.net] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut bytes = [0; 10];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(byte, of_hash)| *byte = of_hash);
    User::new(UserId::new(Timestamp::UNIX_EPOCH, bytes), Role::Guest)
}
