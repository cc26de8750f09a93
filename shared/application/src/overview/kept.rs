//! What anybody may ask for, or a program every few seconds: told from a copy in Redis, so that who asks wakes no database.
//!
//! Everybody is told for half a minute what an instance knows, so that nobody without a token makes Redis' bill; a program of the operator's is told what Redis knows.
//!
//! One request a minute may renew the copy, of all instances together. It asks Postgres only if anything was sent or has ended since, while an answer is on
//! its way, or once an hour. It does so in the background: who was to renew it and leaves has the minute's turn, and nobody else gets it.

use domain::{DAY_MS, Figures, SharedFigures, day_of};
use futures::channel::oneshot;
use futures::future::try_join;
use infrastructure::redis::{KeptCopy, KeptFigures, SharedOverview};
use jiff::{SignedDuration, Timestamp};
use platform::Level;
use sha2::{Digest, Sha256};

use super::{Budget, OverviewError, budget};
use crate::App;
use crate::hex::hex;

/// How long a copy may stand although nothing has happened: what is older than a day leaves it only when it is renewed.
const QUIET_MS: i64 = 3_600_000;

/// What `now` means.
const LATELY_MS: i64 = 300_000;

/// What is told without a look at Postgres.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When Postgres was asked.
    pub at: Timestamp,
    /// The 24 hours before.
    pub day: Figures,
    /// The five minutes before.
    pub lately: Figures,
    /// What all instances share, at this moment; refusals are today's.
    pub shared: SharedFigures,
    /// Where the day's money stands; `None`: there is no limit.
    pub budget: Option<Budget>,
}

/// The figures of the last day and of the last five minutes, at most a minute old while anything happens.
///
/// # Errors
/// [`OverviewError`] where no figures are kept and none can be read.
pub async fn snapshot(app: &App) -> Result<Snapshot, OverviewError> {
    let (shared, kept) = known(app).await?;
    app.config.remembered.tell(&shared, &kept, app.platform.clock.now());
    Ok(told(app, shared, kept))
}

/// The same for whoever asks: half a minute older at most, and then it asks no store.
///
/// # Errors
/// As [`snapshot`].
pub async fn snapshot_for_all(app: &App) -> Result<Snapshot, OverviewError> {
    match app.config.remembered.told(app.platform.clock.now()) {
        Some((shared, kept)) => Ok(told(app, shared, kept)),
        None => snapshot(app).await,
    }
}

/// What Redis knows, and the copy, which is renewed if it is this request's turn.
async fn known(app: &App) -> Result<(SharedOverview, KeptFigures), OverviewError> {
    let (shared, KeptCopy { figures: kept, is_ours }) = app.redis.kept_overview(app.request).await?;
    let seen = hex(Sha256::digest(shared.all.as_bytes()).get(..8).unwrap_or_default());
    let kept = match kept {
        Some(kept) if !is_ours || is_as_it_was(&kept, &seen, shared.now) => kept,
        None if !is_ours => return Err(OverviewError::NotYet),
        before => match (renewed(app, seen).await, before) {
            (Ok(kept), _) => kept,
            (Err(error), Some(before)) => {
                app.log_cause(Level::Warn, "figures not renewed", &error);
                before
            }
            (Err(error), None) => return Err(error),
        },
    };
    Ok((shared, kept))
}

fn told(app: &App, shared: SharedOverview, kept: KeptFigures) -> Snapshot {
    let KeptFigures { at, day, lately, .. } = kept;
    let mut figures = shared.figures;
    figures.refusals.retain(|(of, ..)| *of == day_of(shared.now));
    let lately = if shared.now.saturating_sub(at) >= LATELY_MS { Figures::default() } else { lately };
    Snapshot {
        at: Timestamp::from_millisecond(at).unwrap_or_default(),
        day,
        lately,
        budget: budget(app, &figures, shared.now),
        shared: figures,
    }
}

/// What comes of [`renew`], which goes on without whom it was begun by.
async fn renewed(app: &App, seen: String) -> Result<KeptFigures, OverviewError> {
    let (reply, told) = oneshot::channel();
    let renewing = app.clone();
    app.platform.tasks.spawn(Box::pin(async move {
        let _is_there = reply.send(renew(&renewing, seen).await);
    }));
    told.await.unwrap_or(Err(OverviewError::NotYet))
}

/// Asks Postgres, and keeps what it says.
async fn renew(app: &App, seen: String) -> Result<KeptFigures, OverviewError> {
    let now = app.platform.clock.now();
    let since = |millis| now.checked_sub(SignedDuration::from_millis(millis)).unwrap_or(now);
    let read = |millis| app.postgres.read_overview(since(millis), now, None);
    let (day, lately) = try_join(read(DAY_MS), read(LATELY_MS)).await?;
    let kept = KeptFigures { at: now.as_millisecond(), seen, day, lately };
    if let Err(error) = app.redis.keep_overview(&kept).await {
        app.log_cause(Level::Warn, "figures not kept", &error);
    }
    Ok(kept)
}

/// Whether nothing has happened since, as Redis knows. What it does not know is when a row has its end: Redis is told of it beside Postgres, or never where
/// an instance died. So a copy that was made while an answer had none does not stand.
fn is_as_it_was(kept: &KeptFigures, seen: &str, now: i64) -> bool {
    kept.seen == seen && kept.day.running == 0 && now.saturating_sub(kept.at) < QUIET_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stands_while_nothing_happens_but_not_for_ever() {
        let kept = KeptFigures { at: 1_000, seen: "a".to_owned(), ..KeptFigures::default() };
        assert!(is_as_it_was(&kept, "a", 1_000 + QUIET_MS - 1) && !is_as_it_was(&kept, "a", 1_000 + QUIET_MS));
        assert!(!is_as_it_was(&kept, "b", 1_000));
        let day = Figures { running: 1, ..Figures::default() };
        assert!(
            !is_as_it_was(&KeptFigures { day, ..kept }, "a", 1_000),
            "an answer that Redis knew to be over before its row did"
        );
    }
}
