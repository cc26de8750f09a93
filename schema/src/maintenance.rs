//! Maintenance by the database's own address: what the functions do each day in steps, to its end.

use anyhow::{Context, Result};
use clap::Args;
use domain::{MaintenanceRun, Retention, Tended};
use infrastructure::postgres::maintenance::{Counted, ROWS, count_due, read_step, statement_of};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

/// How long what is kept stays. There are no defaults: what the functions are deployed with is not known here, and what is removed is gone.
#[derive(Args, Clone, Copy)]
pub struct Arguments {
    /// Say what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Days for which a deleted session can be restored.
    #[arg(long, env = "DELETED_RETENTION_DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    deleted_days: u32,
    /// Days after which a session that nobody touches is deleted; 0: never.
    #[arg(long, env = "IDLE_RETENTION_DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    idle_days: u32,
    /// Days after which a guest who writes nothing is deleted; 0: never.
    #[arg(long, env = "GUEST_RETENTION_DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    guest_days: u32,
}

/// Does it.
pub async fn run(connection: &mut PgConnection, arguments: Arguments) -> Result<()> {
    let Arguments { dry_run, deleted_days, idle_days, guest_days } = arguments;
    let kept = Retention { deleted_days, idle_days, guest_days };
    println!(
        "deleted chats are kept {deleted_days} days, idle ones {idle_days}, idle guests {guest_days} (0: for ever)"
    );
    if dry_run {
        let due = read_step(count(&execute(connection, count_due(&kept)).await?))?;
        println!("would do: {}", words(&due.tended));
        return Ok(());
    }
    let mut run = MaintenanceRun::new(u32::MAX);
    while let Some(chore) = run.next_chore() {
        let row = execute(connection, statement_of(chore, &kept, ROWS)).await?;
        run.did(chore, read_step(count(&row))?);
    }
    println!("done: {}", words(&run.tended));
    Ok(())
}

async fn execute(connection: &mut PgConnection, (text, numbers): Counted) -> Result<PgRow> {
    let query = numbers.into_iter().fold(sqlx::query(text), |query, number| query.bind(number.to_string()));
    query.fetch_one(connection).await.context("maintenance")
}

fn count(row: &PgRow) -> impl FnMut(&'static str) -> Result<u64> {
    |name| Ok(u64::try_from(row.try_get::<i32, _>(name)?)?)
}

fn words(tended: &Tended) -> String {
    tended.counts().map(|(name, count)| format!("{name} {count}")).join(", ")
}
