//! What is kept, in bytes.

use domain::StorageUse;
use wire::neon::{Param, Row};

use super::client::Postgres;
use super::statement;
use crate::StoreError;

pub(super) const MEASURE: &str = statement!("measure_storage");

impl Postgres {
    /// Measures the database if that was not done lately. `true`: it has more than `low` bytes, which is told once a day.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn measure_storage(&self, low: u64) -> Result<bool, StoreError> {
        let rows = self.run_idempotent(MEASURE, vec![bytes(Some(low))]).await?;
        rows.first().map_or(Ok(false), is_low)
    }
}

/// A number of bytes, or none, as a statement takes it.
pub(super) fn bytes(limit: Option<u64>) -> Param {
    limit.map(|limit| limit.to_string()).into()
}

/// Whether the database is nearly full, as it was just measured.
pub(super) fn is_low(row: Row<'_>) -> Result<bool, StoreError> {
    Ok(row.integer("is_storage_low")? == 1)
}

/// What is kept of a user and of all, as it stands in the row.
pub(super) fn storage_use(row: Row<'_>) -> Result<StorageUse, StoreError> {
    let count = |name| Ok::<_, StoreError>(u64::try_from(row.integer(name)?).unwrap_or(0));
    Ok(StorageUse { user: count("user_bytes")?, database: count("database_bytes")? })
}
