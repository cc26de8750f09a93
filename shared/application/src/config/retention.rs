//! Variables of retention.

use domain::Retention;

use super::reader::VariableReader;

/// As good as for ever: a century.
const MOST_DAYS: u64 = 36_500;

pub(super) fn read(reader: &VariableReader) -> Retention {
    Retention {
        deleted_days: reader.number("DELETED_RETENTION_DAYS", 1, MOST_DAYS),
        idle_days: reader.number("IDLE_RETENTION_DAYS", 0, MOST_DAYS),
        guest_days: reader.number("GUEST_RETENTION_DAYS", 0, MOST_DAYS),
    }
}
