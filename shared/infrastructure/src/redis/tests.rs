//! What a real Redis replied to the scripts is read by its names, in whatever order they come, and not without one of them.

use std::rc::Rc;
use std::time::Duration;

use domain::{
    Alert, BreakerChange, CallOutcome, ChargeEnd, DayWindow, Evidence, FailedTry, IdempotencyKey, KeyEnd, Limits,
    MessageId, MessageStatus, MinuteWindow, Pause, Refusal, RefusedBy, RequestId, Role, RunningAnswers, SessionId,
    Standing, StopWish, User, UserId,
};
use jiff::Timestamp;

use super::*;
use crate::StoreError;
use crate::fixtures::{Recorded, now};

const TIMEOUT: Duration = Duration::from_secs(2);

const LIMITS: Limits = Limits { per_minute: 2, per_day: Some(10), answers: 3 };

fn id(number: u64) -> String {
    format!("01900000-0000-7000-8000-{number:012}")
}

fn caller() -> User {
    User::new(user(), Role::Guest)
}

fn user() -> UserId {
    UserId::parse(&id(1)).unwrap()
}

fn request(number: u64) -> RequestId {
    RequestId::parse(&id(number)).unwrap()
}

fn run(number: u64) -> Run {
    Run { user: user(), request: request(number) }
}

fn address() -> Address {
    Address { pool: "hash".to_owned(), net: String::new() }
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
        answers: RunningAnswers { limit: 3, active },
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
    let claim = Claim { key: &key, fingerprint: "f", session: session(20), question: message(21) };
    now(redis.admit(&AdmissionRequest {
        caller: &caller(),
        charge: run(31),
        limits: LIMITS,
        first_byte: Duration::from_secs(30),
        breaker_failures: 3,
        address: &address(),
        spending: Spending { per_day: 1_000_000, held: 6_000, has_account: false },
        most_running: 200,
        of_address: AddressLimit { messages: 5, works: true, bytes: 1_000 },
        proof: Some(&Proof { nonce: "n".to_owned(), bits: 18 }),
        answer: message(22),
        continues: false,
        claim: Some(claim),
    }))
}

#[test]
fn every_verdict_of_an_admission_is_read() {
    let ticket = |standing, breaker_opening, is_probe, failed_try| {
        Admission::Admitted(Ticket {
            standing,
            breaker_opening,
            is_probe,
            failed_try,
            gone_models: Vec::new(),
            is_budget_low: false,
            has_budget_become_low: false,
        })
    };
    let refused = |by, standing| Admission::Refused(Refusal { by, standing });
    let pause = |until, minute, day, active| Pause {
        until: at(until),
        standing: standing(1_795_704_881_211, minute, day, active),
    };
    let failed_try = FailedTry { session: session(50), question: message(51) };
    for (name, expected) in [
        ("admitted", ticket(standing(1_795_704_881_208, (1, 1_795_704_941_208), 1, 1), 0, false, None)),
        ("admitted_probe", ticket(standing(1_795_704_881_211, (5, 1_795_704_941_208), 4, 1), 1, true, None)),
        (
            "admitted_failed_try",
            ticket(standing(1_795_704_881_211, (7, 1_795_704_941_208), 5, 2), 1, false, Some(failed_try)),
        ),
        ("minute", refused(RefusedBy::Minute, standing(1_795_704_881_211, (2, 1_795_704_941_208), 2, 1))),
        ("day", refused(RefusedBy::Day, standing(1_795_704_881_211, (2, 1_795_704_941_208), 2, 1))),
        ("answers", refused(RefusedBy::Answers, standing(1_795_704_881_211, (1, 1_795_704_941_208), 1, 1))),
        (
            "paused",
            Admission::Paused(Pause {
                until: at(1_795_704_911_211),
                standing: standing(1_795_704_881_211, (4, 1_795_704_941_208), 3, 0),
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
        (
            "out",
            refused(
                RefusedBy::OutUntil(at(1_795_705_481_211)),
                standing(1_795_704_881_211, (0, 1_795_704_881_211), 0, 0),
            ),
        ),
        (
            "address",
            refused(
                RefusedBy::Address { most: 50, until: at(1_795_737_600_000) },
                standing(1_795_704_881_211, (0, 1_795_704_881_211), 0, 0),
            ),
        ),
        ("full", Admission::AddressFull(pause(1_795_737_600_000, (0, 1_795_704_881_211), 0, 0))),
        (
            "challenge",
            Admission::NeedsWork { bits: 18, standing: standing(1_795_704_881_211, (0, 1_795_704_881_211), 0, 0) },
        ),
        ("overloaded", Admission::Overloaded(pause(1_795_704_886_211, (1, 1_795_704_942_000), 1, 1))),
        ("budget", Admission::BudgetUsedUp(pause(1_795_705_200_000, (1, 1_795_704_942_000), 1, 0))),
        ("mismatch", Admission::Mismatch),
        ("key_spent", Admission::KeySpent),
        ("continued", Admission::Continued),
    ] {
        let (sent, redis) = recorded(name);
        assert_eq!(admit(&redis), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "admit");
    }
}

#[test]
fn a_settlement_says_where_the_sender_stands_and_what_became_of_the_breaker() {
    for (name, (breaker, alerts), expected) in [
        ("settled_kept", (None, vec![]), standing(1_795_704_881_211, (1, 1_795_704_941_208), 1, 0)),
        (
            "settled_opened",
            (Some(BreakerChange::Opened), vec![Alert::Breaker, Alert::Budget]),
            standing(1_795_704_881_211, (4, 1_795_704_941_208), 3, 0),
        ),
    ] {
        let (sent, redis) = recorded(name);
        let settlement = Settlement {
            charge: run(31),
            limits: LIMITS,
            end: ChargeEnd::Kept,
            key_end: KeyEnd::Kept,
            evidence: Evidence::Answer,
            alerts_within: Some(7),
            outcome: CallOutcome::Answered,
            breaker_opening: Some(0),
            breaker_failures: 3,
            address: &Address { net: "net".to_owned(), ..address() },
            cost: 0,
            bytes: 0,
            gone_models: &[],
            key: None,
            buffer: None,
        };
        assert_eq!(
            now(redis.settle(&settlement)),
            Ok(Settled { standing: expected, breaker, owed: None, alerts }),
            "{name}"
        );
        assert_eq!(sent.asked(), "settle");
        // One customer's addresses are one to the breaker.
        let told = format!(r#""{}","hash""#, CallOutcome::Answered.name());
        assert!(sent.sent().contains(&told), "{}", sent.sent());
    }
    let (sent, redis) = recorded("report_probe");
    let charge = run(37);
    assert_eq!(now(redis.report_probe(charge, 1, 3)), Ok(Some(BreakerChange::Closed)));
    assert_eq!(sent.asked(), "report_probe");
}

#[test]
fn what_is_kept_for_alerts_costs_no_command_of_its_own() {
    assert!(!include_str!("scripts/parts/alerts.lua").contains("redis"));
}

#[test]
fn where_a_user_stands_and_whether_a_guest_is_made_are_read() {
    let (sent, redis) = recorded("standing");
    let expected = standing(1_795_704_881_211, (7, 1_795_704_941_208), 5, 1);
    assert_eq!(now(redis.standing(&caller(), LIMITS)), Ok((expected, vec!["away".to_owned()])));
    assert_eq!(sent.sent(), format!(r#"[["TIME"],["MGET","chat:user:{0}","chat:ended:{0}","chat:all"]]"#, user()));
    // Nothing is known of a user who has not sent anything for a day; what is past does not count.
    let nothing = Recorded::of(r#"[{"result":["1795704881","211000"]},{"result":[null,null,null]}]"#.to_owned());
    assert_eq!(
        now(replying(nothing).1.standing(&caller(), LIMITS)),
        Ok((standing(1_795_704_881_211, (0, 1_795_704_881_211), 0, 0), vec![]))
    );
    let tomorrow = recorded("standing").0.body().replace("1795704881\"", "1795791281\"");
    let (tomorrow, gone) = now(replying(Recorded::of(tomorrow)).1.standing(&caller(), LIMITS)).unwrap();
    assert_eq!(gone, [""; 0]);
    assert_eq!((tomorrow.minute.used, tomorrow.day.used, tomorrow.answers.active), (0, 0, 0));
    let refused = Mint::Refused { now: at(1_795_704_881_211), reset_at: at(1_795_737_600_000) };
    let works = Mint::NeedsWork { bits: 17 };
    for (name, expected) in [("mint_admitted", Mint::Admitted), ("mint_refused", refused), ("mint_challenge", works)] {
        let (sent, redis) = recorded(name);
        assert_eq!(now(redis.mint_guest(&address(), 1, true, None)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "mint_guest");
    }
}

#[test]
fn an_append_brings_back_whether_a_reader_wants_the_answer_to_end_and_whether_anybody_follows() {
    let progress = |kept, bytes, lease| Progress { run: run(31), before: 7, batch: Batch { kept, bytes }, lease };
    let text = "data: x\n\n";
    let appended = |stop, is_followed| Ok(Appended { stop, is_followed });
    let (sent, redis) = recorded("append_first");
    assert_eq!(now(redis.append_to_buffer(&progress(0, text, None))), appended(None, true));
    let key = |name: &str| format!("chat:{name}:{}:{}", user(), request(31));
    let expected = format!(
        r#"[["MGET","{}","{}"],["SET","{}","00000000007\ndata: x\n\n","NX","PX","3600000"]]"#,
        key("stop"),
        key("followed"),
        key("replay"),
    );
    assert_eq!(sent.sent(), expected);
    // The buffer is there already: what is kept of it is written over with the same.
    let (sent, redis) = recorded("append_known");
    assert_eq!(now(redis.append_to_buffer(&progress(0, text, None))), appended(None, true));
    assert!(
        sent.sent().contains(&format!(r#"["SETRANGE","{}","12","data: x\n\n"]"#, key("replay"))),
        "{}",
        sent.sent()
    );
    let (sent, redis) = recorded("append_stop");
    let lease = Some(Duration::from_secs(70));
    assert_eq!(now(redis.append_to_buffer(&progress(9, text, lease))), appended(Some(StopWish::At(12)), true));
    assert!(sent.sent().contains(r#""SETRANGE""#) && sent.sent().contains(r#""21","data: x"#), "{}", sent.sent());
    assert_eq!(sent.asked(), "renew_lease");
    let (sent, redis) = replying(Recorded::of(r#"[{"result":["all",null]}]"#.to_owned()));
    assert_eq!(now(redis.append_to_buffer(&progress(0, "", None))), appended(Some(StopWish::Now), false));
    assert!(!sent.sent().contains("SET"), "there is nothing to write: {}", sent.sent());
}

#[test]
fn a_page_of_a_buffer_is_read_whether_there_is_a_buffer_or_none() {
    let one = "data: „x“\n\n".as_bytes().to_vec();
    let both = [one.as_slice(), b"data: y\n\n"].concat();
    let none = BufferPage { before: None, ended: None, length: 0, bytes: Vec::new(), place: PlaceOutcome::None };
    let running = BufferPage { before: Some(7), length: 15, ..none.clone() };
    let ended = Some(MessageStatus::Complete);
    for (name, expected) in [
        ("read_buffer_none", none),
        ("read_buffer_taken", BufferPage { place: PlaceOutcome::Taken, bytes: one, ..running.clone() }),
        ("read_buffer_full", BufferPage { place: PlaceOutcome::Full, ..running.clone() }),
        ("read_buffer_ended", BufferPage { ended, length: 24, bytes: both, ..running }),
    ] {
        let (sent, redis) = recorded(name);
        assert_eq!(now(redis.read_buffer(run(31), 0)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "read_buffer");
    }
}

#[test]
fn the_end_of_a_buffer_is_told_apart_from_its_bytes() {
    let end = |rest| BufferEnd { before: 7, rest, status: MessageStatus::Complete }.arguments();
    let rest = |kept| Some(Batch { kept, bytes: "data: y\n\n" });
    assert_eq!(end(None), ["drop", "", ""]);
    assert_eq!(end(rest(0)), ["write", "", "00000000007\ndata: y\n\n\0complete"]);
    assert_eq!(end(rest(15)), ["end", "27", "data: y\n\n\0complete"]);
}

#[test]
fn a_script_that_redis_has_forgotten_is_sent_whole() {
    let missing = Recorded::of(r#"{"error":"NOSCRIPT No matching script. Please use EVAL."}"#.to_owned());
    let (sent, redis) = replying(missing);
    let key = IdempotencyKey::parse("k").unwrap();
    assert!(now(redis.release_claim(user(), &key, message(22))).is_err(), "it is still missing");
    assert!(sent.sent().starts_with(r#"["EVAL","-- release_claim\n"#), "{}", sent.sent());
}

#[test]
fn calls_that_have_nothing_to_say_are_believed() {
    let reader = BufferFollower { user: user(), request: request(40), places: 5 };
    let key = IdempotencyKey::parse("k").unwrap();
    let (sent, redis) = replying(Recorded::of(r#"{"result":1}"#.to_owned()));
    assert_eq!(now(redis.give_place_back(reader)), Ok(()));
    assert_eq!(sent.sent(), format!(r#"["ZREM","chat:readers:{}","{}"]"#, user(), request(40)));
    assert_eq!(now(redis.ask_to_stop(run(31), StopWish::Now)), Ok(()));
    let key_of_wish = format!("chat:stop:{}:{}", user(), request(31));
    assert_eq!(sent.sent(), format!(r#"["SET","{key_of_wish}","all","PX","60000"]"#));
    let (sent, redis) = replying(Recorded::of(r#"{"result":[]}"#.to_owned()));
    assert_eq!(now(redis.release_claim(user(), &key, message(22))), Ok(()));
    assert_eq!(sent.asked(), "release_claim");
}

/// The value of a `local` at the beginning of a line: a number, or a number of one of the clock's lengths.
fn lua_local(source: &str, name: &str) -> f64 {
    let clock = include_str!("scripts/parts/clock.lua");
    let locals = |line: &'static str| line.strip_prefix("local ")?.split_once(" = ");
    let value_of = |(names, values): (&str, &str)| {
        let at = names.split(", ").position(|known| known == name)?;
        values.split(", ").nth(at).map(str::to_owned)
    };
    let source: &'static str = source.to_owned().leak();
    let value = source.lines().filter_map(locals).find_map(value_of).unwrap_or_else(|| panic!("no local {name}"));
    value.split(" * ").map(|factor| factor.parse().unwrap_or_else(|_| lua_local(clock, factor))).product()
}

#[test]
fn what_rust_and_the_scripts_both_know_is_the_same() {
    let millis = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    let (user, work) = (include_str!("scripts/parts/user.lua"), include_str!("scripts/parts/work.lua"));
    let admit = include_str!("scripts/admit.lua");
    assert_eq!(lua_local(user, "strikes_allowed"), domain::REFUSALS as f64);
    assert_eq!(lua_local(work, "beyond"), BEYOND as f64);
    assert_eq!(lua_local(work, "proof_life"), millis(PROOF_LIFE));
    assert_eq!(lua_local(admit, "hour_part"), 1.0 / BUDGET_HOURS as f64);
    for end in [KeyEnd::Freed, KeyEnd::Left, KeyEnd::Spent, KeyEnd::Dead] {
        assert!(admit.contains(&format!("claim.ended == '{}'", end.name())), "{end:?}");
    }
}

/// The pairs of a recorded reply.
fn pairs(name: &str) -> Vec<[serde_json::Value; 2]> {
    let (sent, _) = recorded(name);
    let body: serde_json::Value = serde_json::from_str(sent.body()).unwrap();
    body["result"].as_array().unwrap().chunks(2).map(|pair| [pair[0].clone(), pair[1].clone()]).collect()
}

fn reply<'a>(pairs: impl Iterator<Item = &'a [serde_json::Value; 2]>) -> Rc<Recorded> {
    let list: Vec<&serde_json::Value> = pairs.flatten().collect();
    Recorded::of(format!(r#"{{"result":{}}}"#, serde_json::to_string(&list).unwrap()))
}

#[test]
fn the_order_of_the_names_says_nothing() {
    for name in ["admitted_failed_try", "paused", "repeated", "answers"] {
        let reversed = reply(pairs(name).iter().rev());
        assert_eq!(admit(&replying(reversed).1), admit(&recorded(name).1), "{name}");
    }
}

#[test]
fn a_reply_without_one_of_its_names_says_which() {
    for name in ["admitted", "paused", "repeated", "minute"] {
        let pairs = pairs(name);
        for [missing, _] in &pairs {
            let rest = reply(pairs.iter().filter(|[name, _]| name != missing));
            match admit(&replying(rest).1) {
                Err(StoreError::Missing { store: "redis", name }) => assert_eq!(name, *missing),
                other => panic!("{name} without {missing}: {other:?}"),
            }
        }
    }
}
