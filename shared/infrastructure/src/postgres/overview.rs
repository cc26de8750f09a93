//! What the rows of a while say, for the operator.

use domain::{BusyUser, Figures, HourFigures, ModelFigures, ModelVotes, Percentiles, User, UserId};
use jiff::Timestamp;
use wire::neon::{Param, Row};

use super::client::{Postgres, named, unexpected};
use super::statement;
use crate::StoreError;

pub(super) const READ: &str = statement!("read_overview");

impl Postgres {
    /// What has happened between two moments. `caller`: the admin who asks; `None`: a program, which is known otherwise.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_overview(
        &self,
        from: Timestamp,
        to: Timestamp,
        caller: Option<&User>,
    ) -> Result<Figures, StoreError> {
        let mut params: Vec<Param> = vec![from.to_string().into(), to.to_string().into()];
        params.extend(caller.map_or_else(|| vec![Param::Null, Param::Null, Param::Null], named));
        let rows = self.run_idempotent(READ, params).await?;
        let mut figures = Figures::default();
        for row in rows.iter() {
            add(&mut figures, row)?;
        }
        Ok(figures)
    }
}

/// Adds what a row counts.
fn add(figures: &mut Figures, row: Row<'_>) -> Result<(), StoreError> {
    let number = |name| Ok::<_, StoreError>(u64::try_from(row.integer(name)?).unwrap_or(0));
    let count = number("count")?;
    match row.text("part")? {
        "outcome" => {
            let place = match row.text("name")? {
                "completed" => &mut figures.completed,
                "stopped" => &mut figures.stopped,
                "interrupted" => &mut figures.interrupted,
                "failed" => &mut figures.failed,
                _ => return Err(unexpected("an outcome")),
            };
            *place = count;
        }
        "running" => figures.running = count,
        "failure" => figures.failures.push((row.text("name")?.to_owned(), count)),
        "ttft" if count > 0 => figures.first_byte = Some(percentiles(row)?),
        "duration" if count > 0 => figures.whole = Some(percentiles(row)?),
        "ttft" | "duration" => {}
        "model" => figures.models.push(ModelFigures {
            model: row.text("name")?.to_owned(),
            answers: count,
            prompt_tokens: number("prompt_tokens")?,
            completion_tokens: number("completion_tokens")?,
        }),
        "feedback" => {
            let down = number("failed")?;
            let model = row.text("name")?.to_owned();
            figures.votes.push(ModelVotes { model, up: count.saturating_sub(down), down });
        }
        "hour" => figures.hours.push(HourFigures {
            hour: row.text("name")?.parse().map_err(|_| unexpected("an hour"))?,
            messages: count,
            failed: number("failed")?,
            first_byte_p95: row.optional_integer("p95")?.and_then(|p95| u64::try_from(p95).ok()),
        }),
        "busiest" => figures.busiest.push(BusyUser {
            user: UserId::parse(row.text("name")?).map_err(|_| unexpected("a user's id"))?,
            messages: count,
            tokens: number("completion_tokens")?,
        }),
        "active" => figures.active_users = count,
        "new_guests" => figures.new_guests = count,
        "new_accounts" => figures.new_accounts = count,
        "rows" => figures.rows = count,
        "bytes" => figures.bytes = count,
        _ => return Err(unexpected("a part of the overview")),
    }
    Ok(())
}

fn percentiles(row: Row<'_>) -> Result<Percentiles, StoreError> {
    let number = |name| Ok::<_, StoreError>(u64::try_from(row.integer(name)?).unwrap_or(0));
    Ok(Percentiles { p50: number("p50")?, p95: number("p95")?, p99: number("p99")? })
}
