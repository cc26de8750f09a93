//! A page of a search reads no more messages than it may look at, nor more bytes, however many there are, and the next one goes on there. Rows are
//! counted, not time: `cargo xtask bench scale` tells that.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

use crate::scratch::Scratch;

/// Messages that a page looks at here: a tenth of what it does, as all is a tenth here.
const LOOKS_AT: u64 = 500;
/// Bytes that a page reads: far more than as many short messages have.
const READS: u64 = 2_000_000;
/// Bytes that a page of long messages reads here.
const READS_OF_LONG: u64 = 200_000;
/// Bytes of each long message.
const LONG: u64 = 4_000;
/// Postgres tells the mean of a node's rounds, in whole rows: half a row a step, of which a page has sixteen at most.
const ROUNDING: u64 = 8;

/// User 1 has one chat of 10,000 messages, user 2 has fifty of 250 that were written to in turns, user 3 one of 1,000 long messages.
const FILL: &str = "
    create function pg_temp.id(n bigint) returns uuid language sql immutable as
        $$ select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
    insert into users (id) values (pg_temp.id(1)), (pg_temp.id(2)), (pg_temp.id(3));
    insert into chat_sessions (id, user_id, updated_at) values (pg_temp.id(1), pg_temp.id(1), '2026-01-01T00:00:00Z'),
        (pg_temp.id(3), pg_temp.id(3), '2026-01-01T00:00:00Z');
    insert into chat_sessions (id, user_id, updated_at)
        select pg_temp.id(100 + k), pg_temp.id(2), timestamptz '2026-01-01T00:00:00Z' - k * interval '1 minute' from generate_series(0, 49) k;
    insert into chat_messages (id, session_id, role, content, status)
        select pg_temp.id(n), pg_temp.id(1), 'user', 'said ' || n, 'complete' from generate_series(1, 10000) n
        union all
        select pg_temp.id(20000 + n), pg_temp.id(100 + n % 50), 'user', 'said ' || n, 'complete' from generate_series(0, 12499) n
        union all
        select pg_temp.id(40000 + n), pg_temp.id(3), 'user', rpad('said ', 4000, md5(n::text)), 'complete' from generate_series(1, 1000) n";

/// Messages that a plan has read: with what they say, and their index entries alone.
fn read(plan: &[String]) -> [u64; 2] {
    let number = |line: &str, after: &str| -> Option<u64> {
        let (_, rest) = line.split_once(after)?;
        rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    };
    let mut sums = [0, 0];
    let mut node = None;
    for line in plan {
        if line.contains("->") {
            let rounds = number(line, "loops=").filter(|_| line.contains(" on chat_messages "));
            node = rounds.map(|rounds| (usize::from(line.contains("Index Only Scan")), rounds));
        }
        let rows = number(line, "actual rows=").or_else(|| number(line, "Rows Removed by Filter: "));
        if let (Some((kind, rounds)), Some(rows)) = (node, rows) {
            sums[kind] += rows * rounds;
        }
    }
    sums
}

/// The messages that contain `said`, as page after page finds them, each of which ends within a chat.
async fn found(connection: &mut PgConnection, text: &str, user: &str) -> Vec<String> {
    let page = format!(
        "select message_id::text, (timestamptz 'epoch' + next_activity * interval '1 microsecond')::text, next_session::text, next_message::text
         from ({text}) page"
    );
    let mut found = Vec::new();
    let mut place = [const { None::<String> }; 3];
    loop {
        let query = sqlx::query(sqlx::AssertSqlSafe(page.clone())).bind(user).bind("said");
        let query = place.into_iter().fold(query, |query, part| query.bind(part));
        let query = query
            .bind("50")
            .bind("700")
            .bind("700")
            .bind("2026-01-01T00:00:00Z")
            .bind(None::<String>)
            .bind(READS_OF_LONG.to_string());
        let rows = query.fetch_all(&mut *connection).await.unwrap();
        found.extend(rows.iter().filter_map(|row| row.get::<Option<String>, _>(0)));
        place = [1_usize, 2, 3].map(|column| rows[0].get(column));
        if place[1].is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn a_page_of_a_search_reads_as_many_messages_as_it_may_and_the_next_goes_on_there() {
    let scratch = Scratch::create("searching").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    connection.execute(FILL).await.unwrap();
    connection.execute("vacuum analyze").await.unwrap();
    let (_, text) =
        infrastructure::postgres::STATEMENTS.iter().find(|(name, _)| *name == "search_messages").expect("the search");
    connection.execute(sqlx::AssertSqlSafe(format!("prepare search as {text}"))).await.unwrap();
    // The first page, and one that goes on within a chat behind most of what there is.
    let places = [
        (1, ["null, null, null", "'2026-01-01T00:00:00Z', pg_temp.id(1), pg_temp.id(1000)"]),
        (2, ["null, null, null", "'2025-12-31T23:30:00Z', pg_temp.id(130), pg_temp.id(25030)"]),
        (3, ["null, null, null", "'2026-01-01T00:00:00Z', pg_temp.id(3), pg_temp.id(40100)"]),
    ];
    for mode in ["force_generic_plan", "force_custom_plan"] {
        connection.execute(sqlx::AssertSqlSafe(format!("set plan_cache_mode = {mode}"))).await.unwrap();
        for (user, places) in places {
            let (looks_at, reads) = if user == 3 { (READS_OF_LONG / LONG, READS_OF_LONG) } else { (LOOKS_AT, READS) };
            for (place, q) in places.into_iter().flat_map(|place| [(place, "nowhere"), (place, "said")]) {
                let page = format!(
                    "explain (analyze, costs off, timing off, summary off) execute search(
                         pg_temp.id({user}), '{q}', {place}, '50', '{LOOKS_AT}', '3', '2026-01-01T00:00:00Z', null, '{reads}')"
                );
                let plan = connection.fetch_all(sqlx::AssertSqlSafe(page)).await.unwrap();
                let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
                let [said, entries] = read(&plan);
                let told = format!("{q} of {user} from {place} ({mode}):\n{}", plan.join("\n"));
                match q {
                    "nowhere" => assert!(said.abs_diff(looks_at) <= ROUNDING, "{said} messages, {told}"),
                    // Three of each chat are enough: four are looked at, and those three are told.
                    _ => assert!((3..=21).contains(&said), "{said} messages, {told}"),
                }
                assert!(entries <= LOOKS_AT + ROUNDING, "{entries} entries, {told}");
            }
        }
    }
    let all =
        "select m.id::text from chat_messages m join chat_sessions s on s.id = m.session_id where s.user_id = $1::uuid
        order by s.updated_at desc, m.id desc";
    for user in [1, 2, 3].map(|number| format!("01900000-0000-7000-8000-{number:012}")) {
        let user = user.as_str();
        let all: Vec<String> = sqlx::query_scalar(all).bind(user).fetch_all(&mut connection).await.unwrap();
        assert!(found(&mut connection, text, user).await == all, "a message of {user} is found twice, or never");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}
