//! How much is kept, and who has room for more (docs/reliability.md, "Space").

use domain::{Alert, Role, StorageFull, StorageUse};
use infrastructure::StoreError;
use platform::Level;

use crate::{App, alerts};

/// Whether a user of this role has room for a message.
pub(crate) fn check(app: &App, role: Role, used: StorageUse) -> Result<(), StorageFull> {
    let checked = app.config.storage.check(role, used);
    if checked == Err(StorageFull::Database) {
        measure_later(app);
    }
    checked
}

/// Measures a database that was found to be full: no answer ends any more that would do it. The statement itself sees to it that this is rare.
pub(crate) fn measure_later(app: &App) {
    let Some(low) = app.config.storage.low() else { return };
    let measuring = app.clone();
    app.platform.tasks.spawn(Box::pin(async move {
        warn_if_low(&measuring, measuring.postgres.measure_storage(low).await);
    }));
}

/// Tells the log and the operator of a database that is nearly full.
pub(crate) fn warn_if_low(app: &App, is_low: Result<bool, StoreError>) {
    match is_low {
        Ok(true) => {
            app.log(Level::Warn, Alert::Storage.words(), vec![("event", "storage_low".into())]);
            alerts::tell_later(app, &[Alert::Storage]);
        }
        Ok(false) => {}
        Err(error) => app.log_cause(Level::Warn, "database not measured", &error),
    }
}
