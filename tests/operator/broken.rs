//! Broken set-ups: each has its own sentence and remedy, and only that.

use serde_json::json;
use tests::{Server, control, variable};

use crate::command::{Folder, Ran, Variables, alone, database, faketime, in_order, newest_migration, run, sql, xtask};

/// What Neon's proxy says when its control plane knows no such endpoint in the region.
const NO_ENDPOINT: &str = r#"{"message":"The requested endpoint could not be found, or you don't have access to it. Please check the provided ID and try again.","code":"XX000"}"#;

/// Runs the doctor over these variables.
async fn doctor(variables: &Variables, words: &[&str], environment: &[(&str, &str)]) -> Ran {
    let folder = Folder::new();
    let file = folder.write("variables.json", variables);
    let words = [&["doctor", "--variables", &file], words].concat();
    xtask(&words, environment, variables).await
}

/// The sentences about faults, without their marks.
fn faults(ran: &Ran) -> Vec<&str> {
    ran.printed.lines().filter_map(|line| line.strip_prefix("✗ ")).collect()
}

/// The one fault is this, and it has this remedy.
fn check(ran: &Ran, sentence: &str, remedy: &str) {
    assert_eq!(faults(ran), [sentence], "{}", ran.printed);
    let told = ran.printed.split_once(sentence).unwrap().1.lines().nth(1).unwrap_or_default();
    assert!(told.starts_with("  what to do: ") && told.contains(remedy), "{}", ran.printed);
    assert!(!ran.is_well, "a fault ends with 1");
}

fn but(changes: &[(&str, &str)]) -> Variables {
    let mut variables = in_order();
    for (name, value) in changes {
        variables.insert((*name).to_owned(), (*value).to_owned());
    }
    variables
}

#[tokio::test]
async fn a_set_up_in_order_has_no_fault_and_its_address_answers_a_message() {
    let ran = doctor(&in_order(), &[&variable("BASE_URL"), "--message"], &[]).await;
    assert!(ran.is_well && faults(&ran).is_empty(), "{}", ran.printed);
    for part in
        ["variables:", "hosts:", "database: PostgreSQL", "schema: at", "Redis: writes", "page:", "CORS:", "clocks:"]
    {
        assert!(ran.printed.contains(&format!("✓ {part}")), "{part} in\n{}", ran.printed);
    }
    assert!(ran.printed.contains("the key has Meta-Llama-3.3-70B-Instruct, gpt-oss-120b"), "{}", ran.printed);
    let warned: Vec<&str> = ran.printed.lines().filter(|line| line.starts_with("! ")).collect();
    assert_eq!(warned.len(), 1, "the page's own face leads to nobody's words on privacy\n{}", ran.printed);
    assert!(warned[0].contains("no link to your words on privacy"), "{}", ran.printed);
    assert!(ran.printed.contains("tokens in") && ran.printed.contains("by SAMBANOVA_MODELS"), "{}", ran.printed);
}

#[tokio::test]
async fn what_an_account_refuses_is_told_apart() {
    let address = variable("DATABASE_URL");
    let (user, host) = (address.split("://").nth(1).unwrap(), address.rsplit_once('@').unwrap().1);
    let user = user.split(':').next().unwrap();
    let wrong = but(&[("DATABASE_URL", &format!("postgres://{user}:not-the-password@{host}"))]);
    check(
        &doctor(&wrong, &[], &[]).await,
        &format!("the database refuses the password of {user}"),
        "copy DATABASE_URL again",
    );

    let elsewhere = but(&[
        ("DATABASE_HTTP_URL", "https://api.eu-central-9.aws.invalid/sql"),
        ("DATABASE_HOST", "https://*.invalid"),
    ]);
    let sentence = "DATABASE_HTTP_URL leads to api.eu-central-9.aws.invalid, and no host of that name is found";
    check(&doctor(&elsewhere, &[], &[]).await, sentence, "its region is wrong");

    let reads = but(&[("UPSTASH_REDIS_REST_TOKEN", &variable("STACK_REDIS_READ_ONLY_TOKEN"))]);
    check(&doctor(&reads, &[], &[]).await, "Redis' token may read and not write", "not Readonly Token");

    let retired = but(&[("SAMBANOVA_MODELS", "gpt-oss-120b@0.22/0.59,Llama-4-Maverick-17B-128E-Instruct")]);
    let sentence = "Llama-4-Maverick-17B-128E-Instruct is retired, or not for this key";
    check(&doctor(&retired, &[], &[]).await, sentence, "the key has Meta-Llama-3.3-70B-Instruct, gpt-oss-120b");

    let refusal = json!({"error": {"status": 402, "code": "PAYMENT_METHOD_REQUIRED", "models": ["test-unpaid"]}});
    control::scenario("The doctor asks test-unpaid", &refusal).await;
    let unpaid = but(&[("SAMBANOVA_MODELS", "test-unpaid@1/1")]);
    check(&doctor(&unpaid, &[], &[]).await, "the model's account has no means of payment (402)", "Billing");
    let refusal = json!({"error": {"status": 429, "code": "insufficient_quota", "models": ["test-used-up"]}});
    control::scenario("The doctor asks test-used-up", &refusal).await;
    let used_up = but(&[("SAMBANOVA_MODELS", "test-used-up@1/1")]);
    check(
        &doctor(&used_up, &[], &[]).await,
        "the key's quota for test-used-up is used up (429 insufficient_quota)",
        "larger plan",
    );
}

#[tokio::test]
async fn mail_is_whole_and_its_host_knows_the_token_or_it_is_told() {
    let (stack, token) = (variable("STACK_URL"), variable("STACK_MAIL_TOKEN"));
    let url = format!("{}/mail/emails", stack.trim_end_matches('/'));
    let with = |token: &str, from: &str| {
        but(&[
            ("MAIL_API_URL", &url),
            ("MAIL_API_TOKEN", token),
            ("MAIL_FROM", from),
            ("MAIL_HOST", &stack),
            ("PUBLIC_ORIGIN", "https://chat.example"),
        ])
    };
    let ran = doctor(&with(&token, "chat@example.org"), &[], &[]).await;
    assert!(ran.is_well && ran.printed.contains("✓ mail: 127.0.0.1 knows the token"), "{}", ran.printed);
    let wrong = doctor(&with("not-the-token", "chat@example.org"), &[], &[]).await;
    check(&wrong, "127.0.0.1 refuses MAIL_API_TOKEN", "put it as MAIL_API_TOKEN");
    let sentence = "MAIL_FROM is empty, and something that is set needs it";
    check(&doctor(&with(&token, ""), &[], &[]).await, sentence, "set MAIL_FROM in wrangler.toml");
}

#[tokio::test]
async fn a_region_that_has_no_such_database_is_named() {
    let here = but(&[("DATABASE_URL", "postgres://ann:hunter22@ep-cool-leaf.eu-central-1.aws.neon.tech/chat")]);
    let folder = Folder::new();
    let file = folder.write("variables.json", &here);
    // The stack cannot tell hosts apart: it is given Neon's words.
    let alone = alone().await;
    let words = json!({"status": 400, "body": NO_ENDPOINT});
    let fault = control::fault("sql", "to_regclass('_sqlx_migrations')", words, Some(1)).await;
    let ran = run(&["doctor", "--variables", &file], &[], &here).await;
    assert_eq!(fault.lift().await, 1);
    drop(alone);
    check(&ran, "Neon has no database at ep-cool-leaf.eu-central-1.aws.neon.tech", "compare endpoint and region");
}

#[tokio::test]
async fn the_schemas_age_is_told() {
    let (address, _) = database().await;
    let variables = but(&[("DATABASE_URL", &address)]);
    let needed = newest_migration();
    let sentence = format!("the database has no schema; this version needs {needed}");
    check(&doctor(&variables, &[], &[]).await, &sentence, "`cargo xtask migrate`");
    sql(&address, "create table _sqlx_migrations (version bigint primary key, success boolean not null)").await;
    sql(&address, "insert into _sqlx_migrations values (2, true)").await;
    let sentence = format!("the schema is at 2; this version needs {needed}");
    check(&doctor(&variables, &[], &[]).await, &sentence, "then deploy");
    sql(&address, "insert into _sqlx_migrations values (99, true)").await;
    let sentence = format!("the schema is at 99, newer than this version, which knows {needed}");
    check(&doctor(&variables, &[], &[]).await, &sentence, &format!("migrate down --to {needed}"));
    sql(&address, "update _sqlx_migrations set success = false where version = 99").await;
    check(&doctor(&variables, &[], &[]).await, "migration 99 was left half done", "restore a backup");
}

#[tokio::test]
async fn what_is_wrong_on_this_machine_is_told() {
    let mut missing = in_order();
    missing.remove("JWT_SECRET");
    check(&doctor(&missing, &[], &[]).await, "JWT_SECRET is not set", "wrangler secret put JWT_SECRET");

    let mut without = in_order();
    without.remove("MAINTENANCE_TOKEN");
    let sentence = "MAINTENANCE_TOKEN is not set, and on Spin nothing else has removed what was kept long enough";
    check(&doctor(&without, &[], &[]).await, sentence, "`cargo xtask setup --target spin` makes it");
    let short = doctor(&but(&[("MAINTENANCE_TOKEN", "too-short")]), &[], &[]).await;
    check(&short, "MAINTENANCE_TOKEN has fewer than 32 bytes", "docs/configuration.md");

    let blocked = but(&[("MODEL_HOST", "https://api.sambanova.ai")]);
    let stack = variable("STACK_URL");
    let sentence = format!("Spin lets no component call {stack}: model_host is https://api.sambanova.ai");
    check(&doctor(&blocked, &[], &[]).await, &sentence, &format!("set model_host to {stack}"));

    // All that is late by the machine's clock is early by the vendors'.
    let preload = faketime();
    let clock = [("LD_PRELOAD", preload.as_str()), ("FAKETIME", "-600s"), ("DONT_FAKE_MONOTONIC", "1")];
    let ran = doctor(&in_order(), &[], &clock).await;
    let sentence = faults(&ran).first().copied().unwrap_or_default().to_owned();
    let seconds: i64 = sentence.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_default();
    assert!((590..=610).contains(&seconds) && sentence.contains("this machine's clock is"), "{}", ran.printed);
    check(&ran, &sentence, "NTP");
}

#[tokio::test]
async fn a_deployment_that_lacks_a_host_or_is_none_is_named() {
    let server = Server::started_with(&[("SPIN_VARIABLE_DATABASE_HOST", "https://elsewhere.invalid")]).await;
    let ran = doctor(&in_order(), &[server.base()], &[]).await;
    check(&ran, "/api/v1/chat/sessions answers 503 misconfigured", "its log names each variable");
    let stack = variable("STACK_URL");
    check(
        &doctor(&in_order(), &[&stack], &[]).await,
        &format!("{stack} is served, but not by Edgewise"),
        "as `cargo xtask deploy` prints it",
    );
}
