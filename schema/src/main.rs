//! Brings a Postgres database to a version of the schema, up or down, over a direct connection; makes admins; and
//! removes what has been kept long enough.
//!
//! `cargo xtask migrate` runs it with the folder `schema/migrations`, whose files follow sqlx's naming
//! (`NNNN_name.up.sql`, `NNNN_name.down.sql`), so sqlx's own command line can take over at any time.

mod admins;
mod maintenance;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

/// A server that was started a moment ago may still be opening its socket.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Brings a Postgres database to a version of the schema.
#[derive(Parser)]
#[command(name = "edgewise-migrate")]
struct Arguments {
    /// Where the database is: `postgres://user:password@host/name`. Not a pooled address.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// The folder with the migrations.
    #[arg(long, default_value = "schema/migrations")]
    source: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with the schema.
#[derive(Subcommand, Clone)]
enum Action {
    /// Apply every migration that is missing (the default).
    Up,
    /// Revert migrations, newest first, until version N is the newest; 0 empties the database.
    Down {
        /// The version to go back to.
        #[arg(long)]
        to: i64,
    },
    /// List the migrations and whether each is applied.
    Status,
    /// Make an account an admin, or no admin any more, or list them all.
    Admin {
        #[command(subcommand)]
        action: admins::Action,
    },
    /// Remove what has been kept long enough.
    Maintain(maintenance::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.context("starting").and_then(|runtime| runtime.block_on(run(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    // Prepared statements are not kept: a pooler or PGlite's single session would mix them up.
    let options: PgConnectOptions = arguments.database_url.parse().context("the database address is not a URL")?;
    let options = options.statement_cache_capacity(0).application_name("edgewise-migrate");
    let migrations = Migrator::new(arguments.source.as_path()).await.context("reading the migrations")?;
    let mut connection = tokio::time::timeout(CONNECT_WITHIN, options.connect())
        .await
        .context("the database did not answer in time")?
        .context("cannot connect to the database")?;
    match arguments.action.unwrap_or(Action::Up) {
        Action::Up => up(&migrations, &mut connection).await?,
        Action::Down { to } => down(&migrations, &mut connection, to).await?,
        Action::Status => status(&migrations, &mut connection).await?,
        Action::Admin { action } => admins::run(&mut connection, action).await?,
        Action::Maintain(arguments) => maintenance::run(&mut connection, arguments).await?,
    }
    connection.close().await.context("closing the connection")
}

/// The versions the database has, oldest first.
async fn applied(migrations: &Migrator, connection: &mut PgConnection) -> Result<Vec<i64>> {
    let table = &migrations.table_name;
    connection.ensure_migrations_table(table).await.context("creating the table of migrations")?;
    if let Some(version) = connection.dirty_version(table).await? {
        bail!("migration {version} was left half done: repair the schema by hand, then delete its row from {table}");
    }
    let mut versions: Vec<i64> =
        connection.list_applied_migrations(table).await?.into_iter().map(|migration| migration.version).collect();
    versions.sort_unstable();
    Ok(versions)
}

async fn up(migrations: &Migrator, connection: &mut PgConnection) -> Result<()> {
    let before = applied(migrations, connection).await?;
    migrations.run_direct(None, connection, false).await.context("applying the migrations")?;
    let after = applied(migrations, connection).await?;
    println!("schema at version {}, {} applied now", newest(&after), after.len().saturating_sub(before.len()));
    Ok(())
}

async fn down(migrations: &Migrator, connection: &mut PgConnection, to: i64) -> Result<()> {
    let before = applied(migrations, connection).await?;
    if to != 0 && !before.contains(&to) {
        bail!("version {to} is not applied; applied are {before:?}");
    }
    migrations.undo(&mut *connection, to).await.context("reverting the migrations")?;
    let after = applied(migrations, connection).await?;
    println!("schema at version {}, {} reverted", newest(&after), before.len().saturating_sub(after.len()));
    Ok(())
}

async fn status(migrations: &Migrator, connection: &mut PgConnection) -> Result<()> {
    let applied = applied(migrations, connection).await?;
    for migration in migrations.iter().filter(|migration| migration.migration_type.is_up_migration()) {
        let state = if applied.contains(&migration.version) { "applied" } else { "pending" };
        println!("{:04}  {state}  {}", migration.version, migration.description);
    }
    Ok(())
}

fn newest(versions: &[i64]) -> i64 {
    versions.last().copied().unwrap_or(0)
}
