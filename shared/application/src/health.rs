//! Whether what the chat stands on answers, for a monitor that asks from elsewhere (docs/operate.md, "A monitor").

use std::cmp::Ordering;
use std::time::Duration;

use futures::future::join3;
use infrastructure::ModelError;
use infrastructure::postgres::SCHEMA_VERSION;
use platform::{HttpError, Level, within};

use crate::{App, StoreError};

/// How long the model's list may take.
const LIST_WITHIN: Duration = Duration::from_secs(5);

/// Whether a part answers, or in a word why it does not.
pub type Part = Result<(), &'static str>;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Redis.
    pub redis: Part,
    /// The model: its list, with one of those that are configured.
    pub model: Part,
    /// Postgres; `None`: it was not asked.
    pub database: Option<Part>,
    /// The newest migration there, if the database has said so.
    pub schema: Option<i64>,
}

impl Health {
    /// How the schema stands to the newest migration that these functions know: an older one lacks what they ask for, with a newer one they work.
    #[must_use]
    pub fn schema_age(&self) -> Option<(i64, Ordering)> {
        self.schema.map(|version| (version, version.cmp(&SCHEMA_VERSION)))
    }

    /// Whether visitors can be answered, as far as was looked.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let is_old = self.schema_age().is_some_and(|(_, age)| age == Ordering::Less);
        self.redis.is_ok() && self.model.is_ok() && self.database.is_none_or(|part| part.is_ok()) && !is_old
    }
}

/// Asks Redis and the model, and Postgres where that is wanted: it may be asleep.
pub async fn look(app: &App, with_database: bool) -> Health {
    let model = async {
        let listed = within(&*app.platform.clock, LIST_WITHIN, app.model.list(LIST_WITHIN)).await;
        let listed = listed.unwrap_or_else(|_| Err(ModelError::Timeout(LIST_WITHIN.as_secs()))).map_err(|error| {
            app.log_cause(Level::Warn, "the model does not answer a monitor", &error);
            word_of_model(&error)
        })?;
        let is_there = app.config.models.iter().any(|model| listed.contains(&model.id));
        if is_there { Ok(()) } else { Err("missing") }
    };
    let database = async {
        if !with_database {
            return (None, None);
        }
        match app.postgres.schema_version().await {
            Ok(version) => (Some(Ok(())), Some(version)),
            Err(error) => (Some(Err(failed(app, &error))), None),
        }
    };
    let redis = async { app.redis.ping().await.map_err(|error| failed(app, &error)) };
    let (redis, model, (database, schema)) = join3(redis, model, database).await;
    Health { redis, model, database, schema }
}

fn failed(app: &App, error: &StoreError) -> &'static str {
    app.log_cause(Level::Warn, "a store does not answer a monitor", error);
    match error {
        StoreError::Unreachable { cause: HttpError::Timeout(_), .. } => "timeout",
        StoreError::Unreachable { .. } => "unreachable",
        _ => "error",
    }
}

fn word_of_model(error: &ModelError) -> &'static str {
    match error {
        ModelError::Timeout(_) => "timeout",
        ModelError::Unreachable(_) | ModelError::NotSent(_) => "unreachable",
        ModelError::Refused { .. } => "refused",
        ModelError::ContextTooLong(_) | ModelError::Empty => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_schema_is_no_health_and_a_newer_one_is() {
        let well = Health { redis: Ok(()), model: Ok(()), database: None, schema: None };
        assert!(well.is_well());
        for (version, is_well) in [(SCHEMA_VERSION - 1, false), (SCHEMA_VERSION, true), (SCHEMA_VERSION + 1, true)] {
            let health = Health { database: Some(Ok(())), schema: Some(version), ..well };
            assert_eq!(health.is_well(), is_well, "{version}");
        }
        for ill in [
            Health { redis: Err("timeout"), ..well },
            Health { model: Err("refused"), ..well },
            Health { database: Some(Err("error")), ..well },
        ] {
            assert!(!ill.is_well(), "{ill:?}");
        }
    }
}
