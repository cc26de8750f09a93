//! Postgres over HTTP: one function a statement, one statement a file in `postgres/sql/`, what two share in `postgres/sql/parts/`.
//!
//! A statement begins with its name, and its columns are read by theirs.

mod accounts;
mod api_keys;
mod blocks;
mod client;
mod contexts;
mod feedback;
mod identities;
mod imports;
mod mail;
pub mod maintenance;
mod messages;
mod overview;
mod passkeys;
mod persons;
mod schema_version;
mod search;
mod sessions;
mod shares;
mod storage;
#[cfg(test)]
mod tests;

pub use accounts::{AccountRow, Device, NewDevice, Person, SetPassword, StoredPassword};
pub use api_keys::{AddedApiKey, RevokedApiKey, UsedApiKey};
pub use blocks::{KnownUser, Used};
pub use client::{FOREIGN_KEY_VIOLATION, Postgres};
pub use contexts::{KeptContext, WrittenContext};
pub use feedback::Voted;
pub use identities::{AddedIdentity, KeptIdentity, RegisteredIdentity, RemovedIdentity};
pub use imports::{Imported, NewPart, PlacedMessage};
pub use messages::{BranchBounds, OpenedTurn, Stored, StoredMessage};
pub use passkeys::{AddedKey, NewKey, OpenedKeys, RemovedKey, StoredKey};
pub use persons::{Erased, ExportBounds, ExportPage, Exported, ExportedSession};
pub use schema_version::SCHEMA_VERSION;
pub use search::{FoundSession, Hit, SearchPage};
pub use sessions::{Added, Changed, SessionChange, SessionCount, SessionPage, Thread};
pub use shares::{Copied, KeptShare, MovedShare, NewShare, SharedOutcome, Shown};
pub use wire::neon::sql_endpoint;

/// The statement `$name`, after the part that begins it and before the parts that end it.
macro_rules! statement {
    ($name:literal $(, after $first:literal)? $(, before $($part:literal)+)?) => {
        $crate::query_text::embed!(Sql, $name, concat!(
            $(include_str!(concat!("sql/parts/", $first, ".sql")),)?
            include_str!(concat!("sql/", $name, ".sql"))
            $($(, include_str!(concat!("sql/parts/", $part, ".sql")))+)?
        ))
    };
}
use statement;

/// Every statement with its name, for the tests that `EXPLAIN` them.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("open_turn", messages::OPEN_TURN),
    ("begin_answer", messages::BEGIN_ANSWER),
    ("begin_session", messages::BEGIN_SESSION),
    ("begin_regeneration", messages::BEGIN_REGENERATION),
    ("begin_continuation", messages::BEGIN_CONTINUATION),
    ("save_progress", messages::SAVE_PROGRESS),
    ("finish_answer", messages::FINISH_ANSWER),
    ("measure_storage", storage::MEASURE),
    ("fail_turn", messages::FAIL_TURN),
    ("fail_continuation", messages::FAIL_CONTINUATION),
    ("read_turn", messages::READ_TURN),
    ("read_message", messages::READ_MESSAGE),
    ("create_session", sessions::CREATE),
    ("list_sessions", sessions::LIST),
    ("read_session", sessions::READ),
    ("search_messages", search::SEARCH),
    ("change_session", sessions::CHANGE),
    ("title_session", sessions::TITLE),
    ("delete_session", sessions::DELETE),
    ("restore_session", sessions::RESTORE),
    ("is_session_deleted", sessions::IS_DELETED),
    ("count_sessions", sessions::COUNT),
    ("read_context", contexts::READ),
    ("write_context", contexts::WRITE),
    ("vote", feedback::VOTE),
    ("create_share", shares::CREATE),
    ("move_share", shares::MOVE),
    ("list_shares", shares::LIST),
    ("revoke_share", shares::REVOKE),
    ("read_share", shares::READ),
    ("copy_share", shares::COPY),
    ("import_part", imports::PART),
    ("register", accounts::REGISTER),
    ("read_salt", accounts::READ_SALT),
    ("sign_in", accounts::SIGN_IN),
    ("reset_password", accounts::RESET_PASSWORD),
    ("set_password", accounts::SET_PASSWORD),
    ("refresh", accounts::REFRESH),
    ("log_out", accounts::LOG_OUT),
    ("list_devices", accounts::LIST_DEVICES),
    ("end_device", accounts::END_DEVICE),
    ("read_account", accounts::READ_ACCOUNT),
    ("claim_guest", accounts::CLAIM_GUEST),
    ("move_guest", accounts::MOVE_GUEST),
    ("register_key", passkeys::REGISTER),
    ("read_key", passkeys::READ),
    ("sign_in_by_key", passkeys::SIGN_IN),
    ("open_keys", passkeys::OPEN),
    ("list_keys", passkeys::LIST),
    ("add_key", passkeys::ADD),
    ("rename_key", passkeys::RENAME),
    ("read_locked_user", passkeys::READ_LOCKED_USER),
    ("remove_key", passkeys::REMOVE),
    ("add_api_key", api_keys::ADD),
    ("list_api_keys", api_keys::LIST),
    ("revoke_api_key", api_keys::REVOKE),
    ("use_api_key", api_keys::USE),
    ("read_address", mail::READ_ADDRESS),
    ("read_by_address", mail::READ_BY_ADDRESS),
    ("sign_in_by_mail", mail::SIGN_IN_BY_MAIL),
    ("reset_by_mail", mail::RESET_BY_MAIL),
    ("verify_address", mail::VERIFY_ADDRESS),
    ("read_identity", identities::READ),
    ("register_identity", identities::REGISTER),
    ("sign_in_by_identity", identities::SIGN_IN),
    ("add_identity", identities::ADD),
    ("list_identities", identities::LIST),
    ("remove_identity", identities::REMOVE),
    ("delete_user", persons::DELETE),
    ("erase_user", persons::ERASE),
    ("lock_idle_guests", maintenance::LOCK_IDLE_GUESTS),
    ("hide_idle_sessions", maintenance::HIDE_IDLE_SESSIONS),
    ("erase_sessions", maintenance::ERASE_SESSIONS),
    ("erase_users", maintenance::ERASE_USERS),
    ("remove_devices", maintenance::REMOVE_DEVICES),
    ("remove_shares", maintenance::REMOVE_SHARES),
    ("remove_api_keys", maintenance::REMOVE_API_KEYS),
    ("count_due", maintenance::COUNT_DUE),
    ("export_page", persons::EXPORT),
    ("read_overview", overview::READ),
    ("read_user", blocks::READ),
    ("block_user", blocks::BLOCK),
    ("read_schema_version", schema_version::READ),
];
