//! Which migrations a database has.

use wire::neon::Param;

use super::client::{Postgres, unexpected};
use super::statement;
use crate::StoreError;

pub(super) const READ: &str = statement!("read_schema_version");

/// The newest migration that this code knows: the number of its file in `schema/migrations`.
pub const SCHEMA_VERSION: i64 = 22;

impl Postgres {
    /// The newest migration that the database has.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement, also where it has none.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        let rows = self.run_once(READ, vec![Param::from("true")]).await?;
        rows.first().ok_or_else(|| unexpected("a migration"))?.integer("version").map_err(StoreError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_known() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/migrations")).unwrap();
        let numbers = files.filter_map(|file| file.unwrap().file_name().to_str()?.get(..4)?.parse().ok());
        assert_eq!(numbers.max(), Some(SCHEMA_VERSION));
    }
}
