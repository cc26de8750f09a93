//! Many turns, many faults at random, instances that are killed: whatever comes together, the promises hold.
//!
//! All is drawn from one seed, which is printed; `FAULTS_SEED` plays it again, `FAULTS_TURNS` makes the run shorter or longer. What
//! the machine does in between is not drawn, so a replay meets the same faults at the same turns, not the same microseconds.

mod client;
pub mod dice;
mod instances;
pub mod plan;
mod user;

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use tests::{optional_variable, stores};
use tokio::sync::watch;

use self::dice::Dice;
use self::instances::Instances;
use self::user::User;
use crate::ALONE;

/// Users at once.
const USERS: usize = 20;

/// Turns of all of them together, unless `FAULTS_TURNS` says otherwise.
const TURNS: usize = 1_000;

/// Turns after which an instance is killed, by turns the one and the other.
const TURNS_PER_KILL: usize = 250;

/// What all users write to.
pub struct Run {
    pub instances: Instances,
    /// Turns that are over.
    pub over: watch::Sender<usize>,
    pub struck: Cell<u64>,
}

#[tokio::test]
async fn faults_at_random_break_no_promise() {
    let _alone = ALONE.lock().await;
    let seed = dice::seed();
    let turns = optional_variable("FAULTS_TURNS").map_or(TURNS, |turns| turns.parse().expect("a number"));
    println!("FAULTS_SEED={seed} FAULTS_TURNS={turns}");
    stores::redis(&["DEL", "chat:all"]).await;
    let began = Instant::now();
    let run = Run { instances: Instances::start().await, over: watch::Sender::new(0), struck: Cell::new(0) };
    let users = join_all((0..USERS).map(|number| {
        let dice = Dice::new(seed.wrapping_add(u64::try_from(number).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        User::join(&run, number, dice)
    }))
    .await;
    let kills = (turns - 1) / TURNS_PER_KILL;
    let killing = async {
        for kill in 1..=kills {
            run.over.subscribe().wait_for(|over| *over >= kill * TURNS_PER_KILL).await.expect("users");
            run.instances.kill(kill % 2).await;
        }
    };
    let share = |number: usize| turns / USERS + usize::from(number < turns % USERS);
    let playing = join_all(users.into_iter().enumerate().map(|(number, user)| user.play(share(number))));
    let (reports, ()) = join(playing, killing).await;

    let mut violations = Vec::new();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for report in reports {
        violations.extend(report.violations);
        for (what, count) in report.seen {
            *seen.entry(what).or_default() += count;
        }
    }
    let took = began.elapsed();
    println!(
        "{turns} turns of {USERS} users in {took:.1?}, {} faults struck, {kills} instances killed",
        run.struck.get()
    );
    for (what, count) in &seen {
        println!("{count:>6}  {what}");
    }
    assert!(run.struck.get() > 0 || turns < 50, "no fault struck");
    let shown: Vec<&str> = violations.iter().map(String::as_str).take(20).collect();
    assert!(violations.is_empty(), "FAULTS_SEED={seed}: {} violations:\n{}", violations.len(), shown.join("\n"));
    assert!(took < Duration::from_secs(600), "{took:?}");
}
