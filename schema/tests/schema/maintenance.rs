//! Maintenance: what has been kept long enough goes, whatever interrupts it, and nothing else does.

use std::time::{Duration, Instant};

use domain::{Chore, MaintenanceRun, Retention, Step, Tended};
use infrastructure::postgres::maintenance::{Counted, ROWS, count_due, read_step, statement_of};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

use crate::counting::MISCOUNTED;
use crate::scratch::Scratch;

const KEPT: Retention = Retention { deleted_days: 30, idle_days: 365, guest_days: 90 };

/// Fills a database for `$N` of each kind, `$M` messages in each session. The beginning of an id says whose it is: `a` all that is to stay, `b` what is
/// to go: guests who are idle (ba), deleted users (bb), sessions that were deleted (bc), devices (bd), links (be) and API keys (bf). An account's idle sessions (cc) are deleted and stay.
const FILL: &str = "
    truncate users cascade;
    create or replace function pg_temp.id(kind text, one bigint, other bigint) returns uuid language sql immutable as
        $$ select (kind || lpad(to_hex(one), 6, '0') || '-0000-7000-8000-' || lpad(to_hex(other), 12, '0'))::uuid $$;
    -- A guest of a day too few, one who has written lately in an old chat, one who was claimed by an account; accounts that nobody uses.
    insert into users (id, role) select pg_temp.id('aa', n, k), case when k = 3 then 'user' else 'guest' end
        from generate_series(1, $N) n, generate_series(1, 3) k;
    insert into users (id, role, claimed_by) select pg_temp.id('aa', n, 4), 'guest', pg_temp.id('aa', n, 3) from generate_series(1, $N) n;
    insert into users (id, deleted_at) select pg_temp.id('ba', n, 1), null from generate_series(1, $N) n
        union all select pg_temp.id('bb', n, 1), now() - interval '1 hour' from generate_series(1, $N) n;
    insert into chat_sessions (id, user_id, updated_at) select pg_temp.id('aa', n, k * 16 + j), pg_temp.id('aa', n, k), now() - interval '364 days'
        from generate_series(1, $N) n, generate_series(1, 3) k, generate_series(1, 2) j;
    insert into chat_sessions (id, user_id, updated_at, deleted_at)
        select pg_temp.id('ab', n, 1), pg_temp.id('aa', n, 3), now() - interval '2 years', now() - interval '29 days' from generate_series(1, $N) n
        union all select pg_temp.id('bc', n, k), pg_temp.id('aa', n, k), now() - interval '2 years', now() - interval '31 days'
            from generate_series(1, $N) n, generate_series(1, 3) k
        union all select pg_temp.id('cc', n, 1), pg_temp.id('aa', n, 3), now() - interval '366 days', null from generate_series(1, $N) n
        union all select pg_temp.id('ba', n, k), pg_temp.id('ba', n, 1), now() - interval '2 years', null from generate_series(1, $N) n, generate_series(1, 2) k
        union all select pg_temp.id('bb', n, k), pg_temp.id('bb', n, 1), now() - interval '2 years', null from generate_series(1, $N) n, generate_series(1, 2) k;
    -- Each message follows the one before it, so that what is removed by halves has parents that are gone.
    insert into chat_messages (id, session_id, parent_id, role, content, status)
        select (substr(s.id::text, 1, 13) || '-7' || lpad(to_hex(m), 3, '0') || substr(s.id::text, 19))::uuid, s.id,
            case when m > 1 then (substr(s.id::text, 1, 13) || '-7' || lpad(to_hex(m - 1), 3, '0') || substr(s.id::text, 19))::uuid end,
            case when m % 2 = 1 then 'user' else 'assistant' end, 'said ' || m, 'complete'
        from chat_sessions s, generate_series(1, $M) m;
    insert into chat_usage_daily (user_id, day, messages) select id, current_date, 1 from users;
    insert into auth_sessions (id, user_id, token_hash, expires_at)
        select pg_temp.id('ad', n, 1), pg_temp.id('aa', n, 3), '\\x01'::bytea, now() + interval '1 hour' from generate_series(1, $N) n
        union all select pg_temp.id('bd', n, 1), pg_temp.id('aa', n, 3), '\\x01'::bytea, now() - interval '1 hour' from generate_series(1, $N) n;
    insert into shares (id, token_hash, user_id, session_id, leaf_id, revoked_at, expires_at)
        select pg_temp.id(kind, n, 1), decode(md5(kind || n), 'hex'), pg_temp.id('aa', n, 3), pg_temp.id('aa', n, 49), m.id, revoked_at, expires_at
        from generate_series(1, $N) n, lateral (select id from chat_messages where session_id = pg_temp.id('aa', n, 49) limit 1) m, (values
            ('ae', null, now() - interval '29 days'), ('af', null, null), ('be', now() - interval '31 days', now() + interval '1 day')
        ) ends (kind, revoked_at, expires_at);
    insert into api_keys (id, user_id, hash, name, revoked_at, expires_at)
        select pg_temp.id(kind, n, 1), pg_temp.id('aa', n, 3), decode(md5(kind || n), 'hex'), 'program', revoked_at, expires_at from generate_series(1, $N) n, (values
            ('ae', now() - interval '29 days', null), ('af', null, null), ('bf', null, now() - interval '31 days')
        ) ends (kind, revoked_at, expires_at);
    update users set active_on = (now() at time zone 'utc')::date - case
        when role = 'user' then 1000 when claimed_by is not null then 1000 when id::text like 'ba%' then 91 when id::text like 'aa%2' then 0 else 90 end;
    analyze";

async fn fill(connection: &mut PgConnection, each: u32, messages: u32) {
    let text = FILL.replace("$N", &each.to_string()).replace("$M", &messages.to_string());
    connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
}

/// All that stays: a digest of the rows, but for what a deletion changes in them.
async fn staying(connection: &mut PgConnection) -> Vec<Option<String>> {
    let mut digests = Vec::new();
    for rows in [
        "select (id, role, claimed_by, deleted_at, active_on)::text as row from users where id::text not like 'b%'",
        "select (id, user_id, updated_at, deleted_at)::text as row from chat_sessions where id::text like 'a%'",
        "select (id, user_id, updated_at)::text as row from chat_sessions where id::text like 'c%'",
        "select (id, session_id, parent_id, content)::text as row from chat_messages where id::text not like 'b%'",
        "select (user_id, day, messages)::text as row from chat_usage_daily where user_id::text not like 'b%'",
        "select (id, user_id)::text as row from auth_sessions where id::text not like 'b%'",
        "select (id, user_id)::text as row from shares where id::text not like 'b%'",
        "select (id, user_id)::text as row from api_keys where id::text not like 'b%'",
    ] {
        let digest = format!("select md5(string_agg(row, '|' order by row)) from ({rows}) rows");
        digests.push(sqlx::query_scalar(sqlx::AssertSqlSafe(digest)).fetch_one(&mut *connection).await.unwrap());
    }
    digests
}

/// What is left of what is to go.
const LEFT: &str = "select (select count(*) from users where id::text like 'b%')
    + (select count(*) from chat_sessions where id::text like 'b%' or (id::text like 'c%' and deleted_at is null))
    + (select count(*) from chat_messages where id::text like 'b%') + (select count(*) from auth_sessions where id::text like 'b%')
    + (select count(*) from shares where id::text like 'b%') + (select count(*) from api_keys where id::text like 'b%')
    + (select count(*) from chat_usage_daily where user_id::text like 'b%')";

async fn left(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(LEFT).fetch_one(connection).await.unwrap()
}

async fn miscounted(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(MISCOUNTED).fetch_all(connection).await.unwrap()
}

async fn execute(connection: &mut PgConnection, (text, numbers): Counted) -> Step {
    let query = numbers.into_iter().fold(sqlx::query(text), |query, number| query.bind(number.to_string()));
    let row = query.fetch_one(connection).await.unwrap();
    read_step(|name| Ok::<_, ()>(row.get::<i32, _>(name).try_into().unwrap())).unwrap()
}

/// A run of so many statements, each of so many rows.
async fn run(connection: &mut PgConnection, statements: u32, rows: u32) -> MaintenanceRun {
    let mut run = MaintenanceRun::new(statements);
    while let Some(chore) = run.next_chore() {
        run.did(chore, execute(connection, statement_of(chore, &KEPT, rows)).await);
    }
    run
}

fn added(one: Tended, other: Tended) -> Tended {
    let mut sums = one.counts().into_iter().zip(other.counts()).map(|((_, one), (_, other))| one + other);
    Tended::read(|_| sums.next().ok_or(())).unwrap()
}

#[tokio::test]
async fn a_run_that_is_killed_at_any_step_has_removed_nothing_that_stays_and_the_next_one_finishes_it() {
    const ROWS_OF_A_STEP: u32 = 4;
    let scratch = Scratch::create("killed").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    fill(&mut connection, 3, 5).await;
    let due = execute(&mut connection, count_due(&KEPT)).await.tended;
    let expected = Tended {
        idle_guests: 3,
        idle_sessions: 3,
        sessions: 21,
        messages: 105,
        users: 6,
        devices: 3,
        shares: 3,
        api_keys: 3,
    };
    assert_eq!(due, expected);
    let before = staying(&mut connection).await;
    let whole = run(&mut connection, u32::MAX, ROWS_OF_A_STEP).await;
    assert_eq!((whole.tended, whole.is_finished(), left(&mut connection).await), (due, true, 0));
    assert_eq!(staying(&mut connection).await, before);

    let mut killed_after = 0;
    loop {
        fill(&mut connection, 3, 5).await;
        let before = staying(&mut connection).await;
        let first = run(&mut connection, killed_after, ROWS_OF_A_STEP).await;
        if first.is_finished() {
            break;
        }
        assert_eq!(staying(&mut connection).await, before, "after {killed_after}");
        // What is due is due still: the dry run says so, and its next statement is taken back in the middle.
        let rest = execute(&mut connection, count_due(&KEPT)).await.tended;
        // A guest who was deleted already is an idle one no more.
        let so_far = added(first.tended, rest);
        assert_eq!(so_far, Tended { idle_guests: so_far.idle_guests, ..due }, "after {killed_after}");
        let mut dying = first.clone();
        connection.execute("begin").await.unwrap();
        for _ in 0..3 {
            let Some(chore) = dying.next_chore().or(Some(Chore::EraseUsers)) else { break };
            execute(&mut connection, statement_of(chore, &KEPT, ROWS_OF_A_STEP)).await;
        }
        connection.execute("rollback").await.unwrap();
        let second = run(&mut connection, u32::MAX, ROWS_OF_A_STEP).await;
        assert_eq!((second.tended, second.is_finished()), (rest, true), "after {killed_after}");
        assert_eq!((left(&mut connection).await, staying(&mut connection).await), (0, before), "after {killed_after}");
        assert_eq!(miscounted(&mut connection).await, Vec::<String>::new());
        killed_after += 1;
    }
    assert!(killed_after > 20, "{killed_after} steps");
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Of each kind how many, of which a hundred messages come: 2,500, or what `MAINTAINED` says; 10,000 are more than a million rows.
fn each() -> u32 {
    std::env::var("MAINTAINED").map_or(2_500, |each| each.parse().expect("a number"))
}

#[tokio::test]
async fn a_hundred_thousand_rows_go_in_steps_that_read_no_whole_table() {
    let scratch = Scratch::create("maintained").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let each = each();
    fill(&mut connection, each, 8).await;
    let rows = "select count(*) from chat_messages";
    assert!(sqlx::query_scalar::<_, i64>(rows).fetch_one(&mut connection).await.unwrap() > i64::from(each) * 100);
    let before = staying(&mut connection).await;
    let due = execute(&mut connection, count_due(&KEPT)).await.tended;
    assert_eq!((due.messages, due.users), (7 * u64::from(each) * 8, 2 * u64::from(each)));
    let statements = Chore::ALL.map(|chore| statement_of(chore, &KEPT, ROWS)).into_iter().chain([count_due(&KEPT)]);
    for (text, numbers) in statements {
        for mode in ["force_generic_plan", "force_custom_plan"] {
            connection.execute(sqlx::AssertSqlSafe(format!("set plan_cache_mode = {mode}"))).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
            let arguments: Vec<String> = numbers.iter().map(|number| format!("'{number}'")).collect();
            let explain = format!("explain execute statement({})", arguments.join(", "));
            let plan = connection.fetch_all(sqlx::AssertSqlSafe(explain)).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            // As in `plans`, where few of the links and keys are due; here a third of few are, which Postgres may read in one go.
            let plan = plan.join("\n").replace("Seq Scan on shares", "links").replace("Seq Scan on api_keys", "keys");
            assert!(text.starts_with("-- count_due") || !plan.contains("Seq Scan on"), "{plan}");
            connection.execute("deallocate statement").await.unwrap();
        }
    }
    connection.execute("set plan_cache_mode = auto").await.unwrap();

    let (mut done, mut runs, mut longest) = (Tended::default(), 0, Duration::ZERO);
    loop {
        let mut run = MaintenanceRun::new(39);
        while let Some(chore) = run.next_chore() {
            let began = Instant::now();
            run.did(chore, execute(&mut connection, statement_of(chore, &KEPT, ROWS)).await);
            longest = longest.max(began.elapsed());
        }
        done = added(done, run.tended);
        runs += 1;
        assert_eq!(staying(&mut connection).await, before, "run {runs}");
        if run.is_finished() {
            break;
        }
    }
    println!("{runs} runs of 39 statements, the longest took {longest:?}");
    assert_eq!((done, left(&mut connection).await), (due, 0));
    assert_eq!(miscounted(&mut connection).await, Vec::<String>::new());
    // Some 500 rows each, so that a day's run takes some 18,000 with it.
    assert!(runs <= each / 208, "{runs} runs");
    // A statement has ten seconds.
    assert!(longest < Duration::from_secs(9), "{longest:?}");
    connection.close().await.unwrap();
    scratch.drop().await;
}

const DAYS: [&str; 6] = ["--deleted-days", "30", "--idle-days", "365", "--guest-days", "90"];

#[tokio::test]
async fn the_command_says_what_it_would_do_and_does_just_that() {
    let scratch = Scratch::create("maintain").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    fill(&mut connection, 2, 3).await;
    let (before, due) = (staying(&mut connection).await, left(&mut connection).await);
    let told = |words: &[&str]| {
        let days: &[&str] = if words.contains(&"--idle-days") { &[] } else { &DAYS };
        let output = scratch.program(&[&["maintain"], words, days].concat()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned()
    };
    // It does not guess how long an operator keeps things.
    let unsure = scratch.program(&["maintain", "--idle-days", "365", "--guest-days", "90"]).output().unwrap();
    assert!(!unsure.status.success(), "{unsure:?}");
    assert!(String::from_utf8_lossy(&unsure.stderr).contains("--deleted-days"), "{unsure:?}");
    let all = "idle_guests 2, idle_sessions 2, sessions 14, messages 42, users 4, devices 2, shares 2, api_keys 2";
    assert_eq!(told(&["--dry-run"]), format!("would do: {all}"));
    assert_eq!(left(&mut connection).await, due);
    assert_eq!(
        told(&["--dry-run", "--guest-days", "0", "--idle-days", "0", "--deleted-days", "32"]).matches(" 0").count(),
        4
    );
    assert_eq!(told(&[]), format!("done: {all}"));
    assert_eq!((left(&mut connection).await, staying(&mut connection).await), (0, before));
    assert!(told(&["--dry-run"]).chars().all(|one| !('1'..='9').contains(&one)));
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Who comes back, or changes their mind, at the very moment keeps what they have.
#[tokio::test]
async fn what_is_used_at_this_moment_is_left_alone() {
    let scratch = Scratch::create("used").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let mut other = scratch.connect().await;
    fill(&mut connection, 1, 2).await;
    other.execute("begin").await.unwrap();
    other
        .execute(
            "update users set active_on = now() where id::text like 'ba%';
             update chat_sessions set deleted_at = null, updated_at = now() where id::text like 'bc%';
             update chat_sessions set updated_at = now() where id::text like 'cc%'",
        )
        .await
        .unwrap();
    // Nobody waits for what is locked; that it is there is not forgotten.
    let run_beside = run(&mut connection, 39, ROWS).await;
    let expected =
        Tended { sessions: 2, messages: 4, users: 1, devices: 1, shares: 1, api_keys: 1, ..Tended::default() };
    assert_eq!((run_beside.tended, run_beside.is_finished()), (expected, true));
    other.execute("commit").await.unwrap();
    // The guest who has come back keeps what they have; what they have not touched for two years is deleted as an account's is, and can be restored.
    let hidden = Tended { idle_sessions: 2, ..Tended::default() };
    assert_eq!(run(&mut connection, 39, ROWS).await.tended, hidden);
    connection.close().await.unwrap();
    other.close().await.unwrap();
    scratch.drop().await;
}

/// Naming a session, or a link to one, is no message, but somebody is there.
#[tokio::test]
async fn who_names_or_shares_a_session_is_not_idle() {
    let scratch = Scratch::create("touched").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let rows = "insert into users (id) select gen_random_uuid() from generate_series(1, 3);
        insert into chat_sessions (id, user_id, updated_at) select id, id, now() - interval '400 days' from users;
        insert into chat_messages (id, session_id, role, status) select id, id, 'user', 'complete' from users;
        update users set active_on = current_date - 200;
        update chat_sessions set updated_at = now() - interval '400 days';
        with ranked as (select id, row_number() over (order by id) n from users)
            update chat_sessions s set updated_at = now() from ranked where ranked.id = s.id and n = 1;
        with ranked as (select id, row_number() over (order by id) n from users)
            insert into shares (id, token_hash, user_id, session_id, leaf_id)
            select id, convert_to(id::text, 'UTF8'), id, id, id from ranked where n = 2;";
    connection.execute(rows).await.unwrap();
    let expected = Tended { idle_guests: 1, sessions: 1, messages: 1, users: 1, ..Tended::default() };
    assert_eq!(run(&mut connection, 39, ROWS).await.tended, expected);
    connection.execute("update shares set created_at = now() - interval '91 days'").await.unwrap();
    assert_eq!(run(&mut connection, 39, ROWS).await.tended, expected);
    let left = "select count(*) from users";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut connection).await.unwrap(), 1);
    connection.close().await.unwrap();
    scratch.drop().await;
}
