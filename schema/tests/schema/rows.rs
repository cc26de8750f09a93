//! Rows in which each statement of the core finds something to do.

use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row};

/// Everything that the statements change, the moment of a change and its transaction apart. A question's moment stays: it tells which try its end is of.
pub async fn contents(connection: &mut PgConnection) -> Vec<String> {
    let mut contents = Vec::new();
    let tables = [
        "users",
        "chat_sessions",
        "chat_messages",
        "chat_usage_daily",
        "chat_storage",
        "user_passwords",
        "auth_sessions",
        "user_keys",
        "user_logins",
        "api_keys",
        "shares",
        "user_context",
        "chat_feedback",
    ];
    for table in tables {
        let text = format!(
            "select '{table} ' || ((case when j ->> 'role' = 'user' then j else j - 'updated_at' - 'measured_at' end) - 'list_version')::text
             from (select to_jsonb(t) j from {table} t) rows order by 1"
        );
        let rows = connection.fetch_all(sqlx::AssertSqlSafe(text)).await.unwrap();
        contents.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    contents
}

/// An account with a device, a password, a passkey, an API key and an identity; one with a verified address. A guest whom it has claimed, with one session left. A user who is deleted and not yet erased.
/// What is to go: a guest who is idle, an account's session that is, a device, an API key and a link that have ended.
/// A guest who has said how answers should be, and what they think of one, with two links, one of them ended, and two sessions, one of them deleted; in the other an answer that broke off, a question that failed and a running answer.
/// `@7` is the id that ends with 7.
pub const SOME: &str = "
    truncate users cascade;
    update chat_storage set bytes = 0, measured_at = '-infinity', told_on = null;
    insert into users (id) values (@1);
    insert into chat_sessions (id, user_id, title) values (@1, @1, 'one'), (@2, @1, 'two');
    update chat_sessions set deleted_at = '2026-01-01T00:00:00Z' where id = @2;
    insert into chat_messages (id, session_id, parent_id, role, content, status, run) values
        (@3, @1, null, 'user', 'asked', 'complete', null), (@4, @1, @3, 'assistant', 'said', 'interrupted', @8),
        (@5, @1, @4, 'user', 'asked', 'failed', null), (@6, @1, @5, 'assistant', '', 'streaming', @9);
    insert into users (id, role, claimed_by) values (@15, 'user', null), (@17, 'guest', @15);
    insert into user_passwords (user_id, login, mac, pepper, salt, params, recovery_mac)
        values (@15, 'jo@example.org', '\\x01', 'p', '\\x02', 'argon2id', '\\x03');
    insert into user_keys (id, user_id, public_key, alg, sign_count, created_at) values ('\\x08', @15, '\\x09', -7, 3, '2026-01-01T00:00:00Z');
    insert into api_keys (id, user_id, hash, name, created_at) values (@16, @15, '\\x0c', 'program', '2026-01-01T00:00:00Z');
    insert into api_keys (id, user_id, hash, name, revoked_at) values (@23, @15, '\\x0d', 'old', '2026-01-01T00:00:00Z');
    insert into user_logins (provider, subject, user_id, created_at) values ('https://i.example', '1', @15, '2026-01-01T00:00:00Z');
    insert into auth_sessions (id, user_id, token_hash, expires_at) values (@16, @15, '\\x06', '2126-01-01T00:00:00Z');
    insert into users (id, role, email, email_verified_at) values (@19, 'user', 'al@verified.example', '2026-01-01T00:00:00Z');
    insert into chat_sessions (id, user_id) values (@17, @17);
    insert into users (id, deleted_at) values (@18, '2026-01-01T00:00:00Z');
    insert into chat_sessions (id, user_id) values (@18, @18);
    insert into chat_messages (id, session_id, role, status) values (@18, @18, 'user', 'complete');
    insert into users (id) values (@20);
    insert into chat_sessions (id, user_id, updated_at) values (@20, @20, '2025-01-01T00:00:00Z'), (@21, @15, '2025-01-01T00:00:00Z');
    insert into chat_messages (id, session_id, role, status) values (@20, @20, 'user', 'complete');
    update users set active_on = '2026-01-01' where id = @20;
    insert into auth_sessions (id, user_id, token_hash, expires_at) values (@22, @15, '\\x06', '2026-01-01T00:00:00Z');
    insert into chat_usage_daily (user_id, day, messages) values (@15, '2026-01-01', 1), (@17, '2026-01-01', 2);
    insert into user_context (user_id, doc, instructions) values (@1, '{\"instructions\": \"Be brief.\"}', 'Be brief.'), (@17, '{}', null);
    insert into chat_feedback (message_id, user_id, vote, created_at) values (@4, @1, 'up', '2026-01-01T00:00:00Z');
    insert into shares (id, token_hash, user_id, session_id, leaf_id, expires_at, created_at) values
        (@11, '\\x0b', @1, @1, @4, null, '2026-01-01T00:00:00Z'), (@12, '\\x0c', @1, @1, @4, '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z');";

/// Arguments with which a statement finds something to do there. New ids end with 10 and more.
pub fn arguments_for_some(statement: &str) -> &'static str {
    match statement {
        "open_turn" => "@1, @1, '20', null, '2026-01-01T00:00:00Z', null, '18000'",
        "begin_answer" => "@1, @1, 'title', @10, @4, 'text', @11, 'model', @12, @3, null",
        "begin_session" => "@13, @14, 'title', @10, null, 'text', @11, 'model', @12, '2000', 'model'",
        "begin_regeneration" => "@1, @1, @5, @11, 'model', @12, 'model'",
        "begin_continuation" => "@1, @1, @4, @12, '4', 'model'",
        "read_message" => "@1, @1, @4, '2026-01-01T00:00:00Z', null",
        "save_progress" => "@6, 'text', @9",
        "finish_answer" => "@6, 'text', 'complete', '5', @1, '7', 'model', @9, '1', '40', '90', null",
        "measure_storage" => "'1'",
        "fail_turn" => "@5, @6, 'provider_error'",
        "fail_continuation" => "@6, 'stopped', @9",
        "read_turn" => "@5, @6",
        "title_session" => "@1, 'one', 'other'",
        "is_session_deleted" => "@2, @1",
        "create_session" => "@13, @14, 'title', '2000', '20', '450000000', '2026-01-01T00:00:00Z', null",
        "read_context" => "@1, '2026-01-01T00:00:00Z', null",
        // The tag is that of the document which is there.
        "write_context" => {
            "@1, '2026-01-01T00:00:00Z', null, '{\"groups\": [{\"name\": \"4b\"}]}', null, 'data', '0cd409cb683bb1292686817699091b92,none', '450000000'"
        }
        "vote" => "@1, @1, '2026-01-01T00:00:00Z', null, @4, 'down', 'why', '450000000'",
        "count_sessions" => "@1, '2026-01-01T00:00:00Z', null",
        "register" => {
            "@10, 'al@example.org', '\\x01', 'p', '\\x02', 'argon2id', '\\x03', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'"
        }
        "read_salt" => "'jo@example.org'",
        "sign_in" => "'jo@example.org', '\\x01', 'p', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "reset_password" => {
            "'jo@example.org', '\\x03', '\\x01', 'p', '\\x05', @11, '\\x04', 'x', '2126-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
        }
        "read_address" => "@19",
        "read_by_address" => "'al@verified.example'",
        "sign_in_by_mail" => "@19, 'al@verified.example', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "reset_by_mail" => {
            "@19, 'al@verified.example', '\\x01', 'p', '\\x02', 'argon2id', '\\x05', @11, '\\x04', 'x', '2126-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
        }
        "verify_address" => "@15, '2026-01-01T00:00:00Z', @16, 'jo@example.org', '2026-01-01T00:00:00Z'",
        "set_password" => {
            "@15, '2026-01-01T00:00:00Z', @16, 'jo@example.org', '\\x01', '2020-01-01T00:00:00Z', '\\x0b', 'p', '\\x02', 'argon2id', '\\x05', @11, '\\x04', 'x', '2126-01-01T00:00:00Z', '2026-01-02T00:00:00Z'"
        }
        "refresh" => "@16, '\\x06', '\\x07', '2126-01-01T00:00:00Z'",
        "log_out" => "@16, '\\x06', 'true', '2026-01-01T00:00:00Z'",
        "list_devices" | "read_account" => "@15, '2026-01-01T00:00:00Z', @16",
        "end_device" => "@15, '2026-01-01T00:00:00Z', null, @16",
        "register_key" => {
            "@10, '\\x0a', '\\x02', '-7', '0', 'false', 'name', '2026-01-01T00:00:00Z', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'"
        }
        "read_key" => "'\\x08'",
        "sign_in_by_key" => "'\\x08', '4', 'true', '2026-01-01T00:00:00Z', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "open_keys" => "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z'",
        "list_keys" | "read_locked_user" => "@15, '2026-01-01T00:00:00Z', @16",
        "add_key" => {
            "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z', '\\x0a', '\\x02', '-7', '0', 'false', 'name', '2026-01-01T00:00:00Z', '20'"
        }
        "rename_key" => "@15, '2026-01-01T00:00:00Z', null, '\\x08', 'name'",
        "remove_key" => "@15, '2026-01-01T00:00:00Z', @16, '\\x08', '2020-01-01T00:00:00Z', 'https://i.example'",
        "add_api_key" => {
            "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z', @10, '\\x0a', 'name', '2026-01-01T00:00:00Z', null, '5'"
        }
        "list_api_keys" => "@15, '2026-01-01T00:00:00Z', @16",
        "revoke_api_key" => "@15, '2026-01-01T00:00:00Z', null, @16, '2026-01-01T00:00:00Z'",
        "use_api_key" => "'\\x0c', @15",
        "read_identity" => "'https://i.example', '1'",
        "register_identity" => {
            "@10, 'https://i.example', '2', 'al@example.org', '2026-01-01T00:00:00Z', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'"
        }
        "sign_in_by_identity" => "'https://i.example', '1', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "add_identity" => {
            "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z', 'https://i.example', '2', 'al@example.org', '2026-01-01T00:00:00Z', '20'"
        }
        "list_identities" => "@15, '2026-01-01T00:00:00Z', @16",
        // What the list calls the one that there is.
        "remove_identity" => {
            "@15, '2026-01-01T00:00:00Z', @16, '52ae949e19198bdccaf92376aa961dd4', '2020-01-01T00:00:00Z', 'https://i.example'"
        }
        "claim_guest" => "@1, @15",
        "move_guest" => "@17, @15",
        "delete_user" => "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z'",
        "erase_user" => "'500', @18",
        "lock_idle_guests" => "'500', '90'",
        "hide_idle_sessions" => "'500', '365', '90'",
        "erase_sessions" | "remove_shares" | "remove_api_keys" => "'500', '30'",
        "erase_users" | "remove_devices" => "'500'",
        "count_due" => "'30', '365', '90'",
        "read_schema_version" => "'true'",
        "export_page" => "@1, '2026-01-01T00:00:00Z', null, null, null, '200', '65536'",
        "list_sessions" => "@1, '20', '0', '2026-01-01T00:00:00Z', null, ''",
        "search_messages" => "@1, 'e', null, null, null, '50', '5000', '3', '2026-01-01T00:00:00Z', null, '2000000'",
        "create_share" => "@10, @1, '2026-01-01T00:00:00Z', null, @1, @4, '\\x0a', null, '100', '200'",
        "move_share" => "@11, @1, '2026-01-01T00:00:00Z', null, @1, @3, '2126-01-01T00:00:00Z', '1', '200'",
        "list_shares" => "@1, '2026-01-01T00:00:00Z', null, null, '200'",
        "revoke_share" => "@11, @1, '2026-01-01T00:00:00Z', null, @1",
        "read_share" => "'\\x0b', '200', null",
        "copy_share" => {
            "'\\x0b', '200', null, @13, @14, '2026-01-01T00:00:00Z', null, '262144', array[@23, @24]::uuid[], '2000'"
        }
        "import_part" => {
            "@13, @14, '2026-01-01T00:00:00Z', null, 'title', '2000', '2000000', '450000000', null, @24, jsonb_build_array(jsonb_build_object('id', @23, 'role', 'user', 'content', 'asked'), jsonb_build_object('id', @24, 'parent_id', @23, 'role', 'assistant', 'content', 'said', 'said_at', 1)), '1', 'true', '20'"
        }
        "read_user" => "@15, '2026-01-01T00:00:00Z', @16, @1",
        "block_user" => "@15, '2026-01-01T00:00:00Z', @16, @1, '2126-01-01T00:00:00Z'",
        // The day that the ids are of.
        "read_overview" => "'2024-06-10T00:00:00Z', '2024-06-11T00:00:00Z', @15, '2026-01-01T00:00:00Z', null",
        "read_session" => "@1, @1, null, '50', '2026-01-01T00:00:00Z', null, '262144'",
        "change_session" => "@1, @1, 'title', 'true', '20', '2026-01-01T00:00:00Z', null",
        "delete_session" => "@1, @1, '2026-01-02T00:00:00.123456Z', '20', '2026-01-01T00:00:00Z', null",
        "restore_session" => "@2, @1, '2000', '20', '20000000', '2026-01-01T00:00:00Z', null, '36500', '365', '20'",
        _ => panic!("give {statement} its arguments"),
    }
}

/// Puts whole ids in the place of `@7`, the longer numbers first.
pub fn with_ids(text: &str) -> String {
    (1..30).rev().fold(text.to_owned(), |text, number| {
        text.replace(&format!("@{number}"), &format!("'01900000-0000-7000-8000-{number:012}'"))
    })
}
