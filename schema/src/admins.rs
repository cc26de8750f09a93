//! Who runs the place, by the database: the operator's way in before there is mail, and for accounts that `ADMIN_EMAILS` does not name.

use anyhow::{Result, bail};
use clap::Subcommand;
use sqlx::Row;
use sqlx::postgres::PgConnection;

/// What to do with admins.
#[derive(Subcommand, Clone)]
pub enum Action {
    /// Make an account an admin: from its next token on, within 15 minutes.
    Grant {
        /// Its login, its verified address or its id.
        account: String,
    },
    /// Make an admin an account like any other; its devices sign in anew.
    Revoke {
        /// Its login, its verified address or its id.
        account: String,
    },
    /// List those who were granted it. Those in `ADMIN_EMAILS` are not stored.
    List,
}

/// The account that is meant by `$1`. A verified address outranks a name, which anybody can take.
const MEANT: &str = "select u.id from users u left join user_passwords p on p.user_id = u.id
    where u.role <> 'guest' and u.deleted_at is null and (u.id::text = lower($1) or p.login = lower($1) or lower(u.email) = lower($1))
    order by coalesce(lower(u.email) = lower($1), false) desc limit 1";

/// Does it.
pub async fn run(connection: &mut PgConnection, action: Action) -> Result<()> {
    match action {
        Action::Grant { account } => change(connection, &account, "role = 'admin'").await,
        // Its tokens say that it is one: they end with it.
        Action::Revoke { account } => {
            change(
                connection,
                &account,
                "role = 'user', tokens_valid_after = date_trunc('second', now()) + interval '1 second'",
            )
            .await
        }
        Action::List => list(connection).await,
    }
}

async fn change(connection: &mut PgConnection, account: &str, set: &str) -> Result<()> {
    let change = format!("update users set {set} where id in ({MEANT}) returning id::text");
    let changed = sqlx::query(sqlx::AssertSqlSafe(change)).bind(account).fetch_all(connection).await?;
    match changed.as_slice() {
        [] => bail!("no account is {account}\n  what to do: name its login, its verified address or its id"),
        rows => rows.iter().for_each(|row| println!("changed {}", row.get::<String, _>(0))),
    }
    Ok(())
}

async fn list(connection: &mut PgConnection) -> Result<()> {
    let admins =
        "select u.id::text, coalesce(u.email, p.login, '') from users u left join user_passwords p on p.user_id = u.id
        where u.role = 'admin' and u.deleted_at is null order by u.id";
    let rows = sqlx::query(admins).fetch_all(connection).await?;
    rows.iter().for_each(|row| println!("{}  {}", row.get::<String, _>(0), row.get::<String, _>(1)));
    println!("{} granted; those that ADMIN_EMAILS names come on top", rows.len());
    Ok(())
}
