//! What a real Redis replied to the scripts is read by its names, in whatever order they come, and not without one of them.

use std::rc::Rc;
use std::time::Duration;

use domain::{
    BreakerChange, CallOutcome, ChargeEnd, DayWindow, FailedTry, IdempotencyKey, KeyEnd, Limits, MessageId,
    MessageStatus, MinuteWindow, Pause, Refusal, RefusedBy, RequestId, SessionId, Standing, StopWish, StreamSlots,
    UserId,
};
use jiff::Timestamp;
use wire::upstash::Reply;

use super::reply::Named;
use super::*;
use crate::StoreError;
use crate::recorded::{Recorded, now};

const TIMEOUT: Duration = Duration::from_secs(2);

const LIMITS: Limits = Limits { per_minute: 2, per_day: Some(10), streams: 3 };

fn id(number: u64) -> String {
    format!("01900000-0000-7000-8000-{number:012}")
}

fn user() -> UserId {
    UserId::parse(&id(1)).unwrap()
}

fn request(number: u64) -> RequestId {
    RequestId::parse(&id(number)).unwrap()
}

fn session(number: u64) -> SessionId {
    SessionId::parse(&id(number)).unwrap()
}

fn message(number: u64) -> MessageId {
    MessageId::parse(&id(number)).unwrap()
}

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

/// Where a user stands at `now`; the oldest message of the minute leaves it at `reset_at`.
fn standing(now: i64, minute: (u64, i64), day: u64, active: u64) -> Standing {
    Standing {
        now: at(now),
        minute: MinuteWindow { limit: 2, used: minute.0, reset_at: at(minute.1) },
        day: DayWindow { limit: Some(10), used: day, reset_at: at(1_795_737_600_000) },
        streams: StreamSlots { limit: 3, active },
    }
}

fn recorded(name: &str) -> (Rc<Recorded>, Redis) {
    replying(Recorded::named(include_str!("recorded.txt"), name))
}

fn replying(recorded: Rc<Recorded>) -> (Rc<Recorded>, Redis) {
    let redis = Redis::new(recorded.clone(), "http://redis.example", "token", TIMEOUT);
    (recorded, redis)
}

fn admit(redis: &Redis) -> Result<Admission, StoreError> {
    let key = IdempotencyKey::parse("k").unwrap();
    let claim = Claim { key: &key, fingerprint: "f", session: session(20), question: message(21), answer: message(22) };
    now(redis.admit(&AdmissionRequest {
        charge: Run { user: user(), request: request(31) },
        limits: LIMITS,
        first_byte: Duration::from_secs(30),
        breaker_failures: 3,
        address: "hash",
        continues: None,
        claim: Some(claim),
    }))
}

#[test]
fn every_verdict_of_an_admission_is_read() {
    let ticket = |standing, opening, is_probe, failed_try| {
        Admission::Admitted(Ticket { standing, opening, is_probe, failed_try })
    };
    let refused = |by, standing| Admission::Refused(Refusal { by, standing });
    let failed_try = FailedTry { session: session(50), question: message(51) };
    for (name, expected) in [
        ("admitted", ticket(standing(1_795_704_881_208, (1, 1_795_704_941_208), 1, 1), 0, false, None)),
        ("admitted_probe", ticket(standing(1_795_704_881_320, (1, 1_795_704_941_320), 3, 1), 1, true, None)),
        (
            "admitted_failed_try",
            ticket(standing(1_795_704_881_353, (1, 1_795_704_941_353), 4, 2), 1, false, Some(failed_try)),
        ),
        ("minute", refused(RefusedBy::Minute, standing(1_795_704_881_262, (2, 1_795_704_941_208), 2, 1))),
        ("day", refused(RefusedBy::Day, standing(1_795_704_881_265, (0, 1_795_704_881_265), 2, 1))),
        ("streams", refused(RefusedBy::Streams, standing(1_795_704_881_244, (1, 1_795_704_941_208), 1, 1))),
        (
            "paused",
            Admission::Paused(Pause {
                until: at(1_795_704_911_301),
                standing: standing(1_795_704_881_309, (0, 1_795_704_881_309), 2, 0),
            }),
        ),
        (
            "repeated",
            Admission::Repeated(Repeated {
                session: session(20),
                answer: message(22),
                age: Duration::from_millis(3),
                standing: standing(1_795_704_881_211, (1, 1_795_704_941_208), 1, 1),
            }),
        ),
        ("mismatch", Admission::Mismatch),
        ("gone", Admission::Gone),
        ("continued", Admission::Continued),
    ] {
        let (sent, redis) = recorded(name);
        assert_eq!(admit(&redis), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "admit");
    }
}

#[test]
fn a_settlement_says_where_the_sender_stands_and_what_became_of_the_breaker() {
    for (name, breaker, expected) in [
        ("settled_kept", None, standing(1_795_704_881_252, (1, 1_795_704_941_208), 1, 0)),
        ("settled_opened", Some(BreakerChange::Opened), standing(1_795_704_881_301, (1, 1_795_704_941_285), 2, 0)),
    ] {
        let (sent, redis) = recorded(name);
        let settlement = Settlement {
            charge: Run { user: user(), request: request(31) },
            limits: LIMITS,
            end: ChargeEnd::Kept,
            key_end: KeyEnd::Kept,
            outcome: CallOutcome::Answered,
            opening: Some(0),
            breaker_failures: 3,
            address: "hash",
            continues: None,
            key: None,
            replay: None,
        };
        assert_eq!(now(redis.settle(&settlement)), Ok(Settled { standing: expected, breaker }), "{name}");
        assert_eq!(sent.asked(), "settle");
    }
    let (sent, redis) = recorded("hear_probe");
    let charge = Run { user: user(), request: request(37) };
    assert_eq!(now(redis.hear_probe(charge, 1, 3)), Ok(Some(BreakerChange::Closed)));
    assert_eq!(sent.asked(), "hear_probe");
}

#[test]
fn where_a_user_stands_and_whether_a_guest_is_made_are_read() {
    let (sent, redis) = recorded("read_standing");
    let expected = standing(1_795_704_881_383, (0, 1_795_704_881_383), 4, 1);
    assert_eq!(now(redis.standing(user(), LIMITS)), Ok(expected));
    assert_eq!(sent.asked(), "read_standing");
    let refused = Mint::Refused { now: at(1_795_704_881_395), reset_at: at(1_795_737_600_000) };
    for (name, expected) in [("mint_admitted", Mint::Admitted), ("mint_refused", refused)] {
        let (sent, redis) = recorded(name);
        assert_eq!(now(redis.mint_guest("h", 1)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "mint_guest");
    }
}

#[test]
fn an_append_brings_back_whether_a_reader_wants_the_answer_to_end() {
    for (name, expected) in [("append_replay", None), ("append_replay_stop", Some(StopWish::At(12)))] {
        let (sent, redis) = recorded(name);
        let progress = Progress {
            request: request(31),
            user: user(),
            answer: message(22),
            before: 0,
            batch: Batch { kept: 0, bytes: "data: x\n\n" },
        };
        assert_eq!(now(redis.append_replay(&progress)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "append_replay");
    }
    let (_, redis) = replying(Recorded::of(r#"{"result":["stop","all"]}"#.to_owned()));
    let progress = Progress {
        request: request(31),
        user: user(),
        answer: message(22),
        before: 0,
        batch: Batch { kept: 0, bytes: "" },
    };
    assert_eq!(now(redis.append_replay(&progress)), Ok(Some(StopWish::Now)));
}

#[test]
fn a_page_of_a_replay_is_read_whether_there_is_a_buffer_or_none() {
    let silent = |millis| Some(Duration::from_millis(millis));
    let bytes = "data: „x“\n\n".as_bytes().to_vec();
    let none = ReplayPage {
        user: None,
        request: None,
        ended: None,
        silent: None,
        before: 0,
        length: 0,
        bytes: Vec::new(),
        place: Place::None,
    };
    let running = ReplayPage { user: Some(user()), request: Some(request(31)), silent: silent(2), ..none.clone() };
    let whole = ReplayPage { length: 15, bytes, ..running.clone() };
    for (name, expected) in [
        ("read_replay_none", none),
        ("read_replay_taken", ReplayPage { place: Place::Taken, ..whole.clone() }),
        ("read_replay_full", ReplayPage { place: Place::Full, silent: silent(4), ..running }),
        ("read_replay_ended", ReplayPage { ended: Some(MessageStatus::Complete), silent: silent(5), ..whole }),
    ] {
        let (sent, redis) = recorded(name);
        assert_eq!(now(redis.read_replay(message(22), 0)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "read_replay");
    }
}

#[test]
fn scripts_that_have_nothing_to_say_are_believed() {
    let reader = ReplayReader { user: user(), request: request(40), places: 5 };
    let key = IdempotencyKey::parse("k").unwrap();
    let (sent, redis) = recorded("leave_replay");
    assert_eq!(now(redis.leave_replay(reader)), Ok(()));
    assert_eq!(sent.asked(), "leave_replay");
    assert_eq!(now(redis.ask_to_stop(message(22), request(31), StopWish::Now)), Ok(()));
    assert_eq!(sent.asked(), "ask_to_stop");
    assert_eq!(now(redis.release_claim(user(), &key, message(22))), Ok(()));
    assert_eq!(sent.asked(), "release_claim");
}

/// The pairs of a recorded reply, as they stand in its JSON.
fn pairs(name: &str) -> Vec<(String, String)> {
    let (sent, _) = recorded(name);
    let list = sent.body().strip_prefix(r#"{"result":["#).unwrap().strip_suffix("]}").unwrap();
    let words: Vec<String> = list.split(',').map(str::to_owned).collect();
    words.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn reply<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> Rc<Recorded> {
    let list = pairs.map(|(name, value)| format!("{name},{value}")).collect::<Vec<_>>().join(",");
    Recorded::of(format!(r#"{{"result":[{list}]}}"#))
}

#[test]
fn the_order_of_the_names_says_nothing() {
    for name in ["admitted_failed_try", "paused", "repeated", "streams"] {
        let reversed = reply(pairs(name).iter().rev());
        assert_eq!(admit(&replying(reversed).1), admit(&recorded(name).1), "{name}");
    }
}

#[test]
fn a_reply_without_one_of_its_names_says_which() {
    for name in ["admitted", "paused", "repeated", "minute"] {
        let pairs = pairs(name);
        for (missing, _) in &pairs {
            let rest = reply(pairs.iter().filter(|(name, _)| name != missing));
            match admit(&replying(rest).1) {
                Err(StoreError::Missing { store: "redis", name }) => assert_eq!(format!("\"{name}\""), *missing),
                other => panic!("{name} without {missing}: {other:?}"),
            }
        }
    }
}

#[test]
fn what_is_not_names_and_values_is_refused() {
    let text = |text: &str| Reply::Text(text.as_bytes().to_vec());
    for reply in [Reply::Null, Reply::Integer(1), text("settled"), Reply::Array(vec![text("stop")])] {
        let words = format!("{reply:?}");
        assert!(Named::new(reply).is_err(), "{words}");
    }
    // A value that reads like a name is none.
    let named = Named::new(Reply::Array(vec![text("a"), text("b"), text("b"), text("c")])).unwrap();
    assert_eq!(named.text("b"), Ok("c"));
}
