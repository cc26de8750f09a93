//! No statement of the core reads a whole table.

use sqlx::{Connection, Executor, Row};

use crate::rows::{arguments_for_some, with_ids};
use crate::scratch::Scratch;

/// Those with which a statement finds something to do, unless a plan depends on others: from some place on, or in a while of which few rows are.
fn arguments(statement: &str) -> String {
    with_ids(match statement {
        "open_turn" => "@1, @1, '20', @1, '2026-01-01T00:00:00Z', null, '18000'",
        "export_page" => "@1, '2026-01-01T00:00:00Z', null, @1, @1, '200', '65536'",
        "search_messages" => {
            "@1, 'text', '2026-01-01T00:00:00Z', @1, @1, '50', '5000', '3', '2026-01-01T00:00:00Z', null"
        }
        "list_shares" => "@1, '2026-01-01T00:00:00Z', null, @1, '200'",
        "read_overview" => "'2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', @1, '2026-01-01T00:00:00Z', null",
        "read_session" => "@1, @1, @1, '50', '2026-01-01T00:00:00Z', null, '262144'",
        _ => arguments_for_some(statement),
    })
}

#[tokio::test]
async fn no_statement_of_the_core_reads_a_whole_table() {
    let scratch = Scratch::create("plans").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    connection
        .execute(
            "insert into users (id) select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, 5000) n;
             insert into chat_sessions (id, user_id) select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                 ('01900000-0000-7000-8000-' || lpad((1 + n % 5000)::text, 12, '0'))::uuid from generate_series(1, 20000) n;
             insert into chat_messages (id, session_id, parent_id, role, content, status)
                 select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                 case when n <= 50000 then '01900000-0000-7000-8000-000000000001'::uuid
                      else ('01900000-0000-7000-8000-' || lpad((1 + n % 20000)::text, 12, '0'))::uuid end,
                 case when n between 2 and 50000 then ('01900000-0000-7000-8000-' || lpad((n - 1)::text, 12, '0'))::uuid end,
                 case when n % 2 = 0 then 'assistant' else 'user' end, 'text ' || n, 'complete' from generate_series(1, 100000) n;
             insert into chat_usage_daily (user_id, day) select id, date '2026-01-01' + d from users, generate_series(0, 3) d;
             insert into user_passwords (user_id, login, mac, pepper, salt, params) select id, id || '@example.org', '', '', '', '' from users;
             insert into auth_sessions (id, user_id, token_hash, expires_at) select id, id, '', now() + interval '1 hour' from users;
             insert into user_keys (id, user_id, public_key, alg) select convert_to(id::text || n, 'UTF8'), id, '', -7 from users, generate_series(1, 3) n;
             insert into api_keys (id, user_id, hash, name) select id, id, convert_to(id::text, 'UTF8'), 'name' from users;
             insert into user_logins (provider, subject, user_id) select 'provider', id, id from users;
             insert into shares (id, token_hash, user_id, session_id, leaf_id) select gen_random_uuid(), sha256(convert_to(m.id::text, 'UTF8')), s.user_id, s.id, m.id
                 from chat_messages m join chat_sessions s on s.id = m.session_id where m.id > '01900000-0000-7000-8000-000000080000';
             insert into user_context (user_id, doc) select id, '{}' from users;
             insert into chat_feedback (message_id, user_id, vote) select m.id, s.user_id, 'up'
                 from chat_messages m join chat_sessions s on s.id = m.session_id where m.role = 'assistant';
             analyze",
        )
        .await
        .unwrap();
    for mode in ["force_generic_plan", "force_custom_plan"] {
        connection.execute(sqlx::AssertSqlSafe(format!("set plan_cache_mode = {mode}"))).await.unwrap();
        for (name, text) in infrastructure::postgres::STATEMENTS {
            let arguments = arguments(name);
            connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
            let plan = connection
                .fetch_all(sqlx::AssertSqlSafe(format!("explain execute statement({arguments})")))
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            connection.execute("deallocate statement").await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            // One row, by its own check.
            let plan = plan.join("\n").replace("Seq Scan on chat_storage", "the row of chat_storage");
            // A dry run looks at all that is due: without its days Postgres takes that for a third of the guests, whom it had better read in one go.
            let may_read_all = *name == "count_due" && mode == "force_generic_plan";
            assert!(may_read_all || !plan.contains("Seq Scan on"), "{name} ({mode}) reads a whole table:\n{plan}");
            // What was said in a while is a range of ids.
            let reads_a_while = plan.contains("Index Scan using chat_messages_pkey on chat_messages")
                && plan.contains("Index Cond: ((id >= $")
                && plan.contains(") AND (id < $")
                && plan.contains("Index Scan using chat_feedback_pkey on chat_feedback");
            assert!(*name != "read_overview" || reads_a_while, "{name} ({mode}) looks for a while's messages:\n{plan}");
            assert!(
                !plan.contains("Bitmap Heap Scan on chat_messages"),
                "{name} ({mode}) collects a session's messages:\n{plan}"
            );
        }
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}
