//! A whole set-up, from an empty database to a message that is answered.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use tests::{Call, Server, tokens, variable};

use crate::command::{Folder, database, in_order, sql, xtask};

#[tokio::test]
async fn a_set_up_migrates_serves_and_says_what_a_message_cost() {
    let folder = Folder::new();
    let (address, direct) = database().await;
    let mut answers = in_order();
    answers.insert("DATABASE_URL".to_owned(), address);
    // What nobody has to think of.
    for name in ["JWT_SECRET", "ACCOUNTS_PEPPER", "MAINTENANCE_TOKEN", "DATABASE_HOST", "REDIS_HOST", "MODEL_HOST"] {
        answers.remove(name);
    }
    for (name, value) in [("GUEST_CHALLENGE", "off"), ("CHAT_DAILY_BUDGET_USD", "0")] {
        answers.insert(name.to_owned(), value.to_owned());
    }
    let told = folder.write("answers.json", &answers);
    let kept = folder.path("kept.json");
    let words = ["setup", "--target", "spin", "--skip-build", "--answers", &told, "--keep", &kept];
    let direct = [("DATABASE_DIRECT_URL", direct.as_str())];

    // Whoever is asked in a rehearsal is asked here.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = format!("http://{}", nobody.local_addr().unwrap());
    let places =
        ["DATABASE_HTTP_URL", "UPSTASH_REDIS_REST_URL", "SAMBANOVA_API_BASE"].map(|name| (name, elsewhere.as_str()));
    let rehearsal = xtask(&[&words[..], &["--dry-run"]].concat(), &places, &answers).await;
    assert!(rehearsal.is_well && rehearsal.printed.contains("nothing has left this machine"), "{}", rehearsal.printed);
    nobody.set_nonblocking(true).unwrap();
    assert_eq!(nobody.accept().expect_err("a call that left").kind(), ErrorKind::WouldBlock);
    for name in ["JWT_SECRET", "ACCOUNTS_PEPPER", "MAINTENANCE_TOKEN"] {
        assert!(rehearsal.printed.contains(&format!("{name} would be made")), "{name} in\n{}", rehearsal.printed);
    }
    assert!(!std::path::Path::new(&kept).exists(), "a rehearsal writes nothing");

    let ran = xtask(&words, &direct, &answers).await;
    assert!(ran.is_well && ran.printed.contains("✓ Redis: writes"), "{}", ran.printed);
    assert!(ran.printed.contains("✓ message: answered by Meta-Llama-3.3-70B-Instruct"), "{}", ran.printed);
    assert!(ran.printed.contains("tokens in") && ran.printed.contains("by SAMBANOVA_MODELS"), "{}", ran.printed);

    let text = std::fs::read_to_string(&kept).unwrap();
    let variables: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(variables["model_host"].as_str(), Some(variable("STACK_URL").as_str()));
    let made = ["jwt_secret", "accounts_pepper", "maintenance_token"];
    assert_eq!(made.iter().map(|name| variables[name].as_str()).collect::<BTreeSet<_>>().len(), 3, "each its own");
    for name in made {
        let secret = variables[name].as_str().expect("a secret that was made");
        assert!(secret.len() == 64 && !ran.printed.contains(secret), "{}", ran.printed);
    }
    for file in [&kept, &folder.path("kept.env")] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    let looked = xtask(&["doctor", "--variables", &kept], &[], &answers).await;
    assert!(looked.is_well && looked.printed.contains("✓ schema: at"), "{}", looked.printed);

    // As docs/operate.md says: what is dumped is there again in another database.
    let (restored, restored_direct) = database().await;
    let dump = folder.path("edgewise.dump");
    postgres("pg_dump", &[direct[0].1, "--format=custom", "--no-owner", &format!("--file={dump}")]).await;
    postgres("pg_restore", &["--no-owner", "--exit-on-error", &format!("--dbname={restored_direct}"), &dump]).await;
    let count = "select count(*)::text as count from chat_messages";
    let kept_there = sql(&restored, count).await["rows"].clone();
    assert_eq!(kept_there, sql(&answers["DATABASE_URL"], count).await["rows"]);
    assert_eq!(kept_there[0]["count"], "2", "a question and its answer");
    let moved = in_order().into_iter().chain([("DATABASE_URL".to_owned(), restored.clone())]).collect();
    let moved = folder.write("moved.json", &moved);
    let looked = xtask(&["doctor", "--variables", &moved], &[], &answers).await;
    assert!(looked.is_well && looked.printed.contains("✓ schema: at"), "{}", looked.printed);

    // Served from there, the chat is read by whose it is, and goes on.
    let chats = sql(&restored, "select id::text as id, user_id::text as user_id from chat_sessions").await;
    let [session, user] = ["id", "user_id"].map(|name| chats["rows"][0][name].as_str().unwrap().to_owned());
    let server = Server::started_with(&[("DATABASE_URL", &restored)]).await;
    let token = tokens::valid(user.parse().unwrap(), "guest");
    let path = format!("/api/v1/chat/sessions/{session}");
    let read = async || {
        let page = server.send(Call::new("GET", &path).token(&token)).await.expect(200).json();
        let messages = page["messages"].as_array().unwrap().iter();
        messages.map(|message| ["id", "role", "content"].map(|part| message[part].clone())).collect::<Vec<_>>()
    };
    let before = read().await;
    assert_eq!(before.iter().map(|[_, role, _]| role).collect::<Vec<_>>(), ["user", "assistant"]);
    assert!(before.iter().all(|[_, _, content]| content.as_str().is_some_and(|text| !text.is_empty())));
    let more = json!({"content": "And after the move?", "stream": false});
    server.send(Call::new("POST", format!("{path}/messages")).token(&token).json(&more)).await.expect(200);
    let after = read().await;
    assert_eq!((after.len(), &after[..2]), (4, &before[..]));
    assert_eq!(sql(&answers["DATABASE_URL"], count).await["rows"], kept_there, "the other database is left alone");
}

#[tokio::test]
async fn a_wrong_password_stops_a_set_up_before_anything_is_migrated_or_written() {
    let folder = Folder::new();
    let (address, direct) = database().await;
    let (user, host) = (address.split("://").nth(1).unwrap(), address.rsplit_once('@').unwrap().1);
    let user = user.split(':').next().unwrap();
    let mut answers = in_order();
    answers.insert("DATABASE_URL".to_owned(), format!("postgres://{user}:not-the-password@{host}"));
    let (told, kept) = (folder.write("answers.json", &answers), folder.path("kept.json"));
    let words = ["setup", "--target", "spin", "--skip-build", "--answers", &told, "--keep", &kept];
    // Migrations have an address that is right: only their turn does not come.
    let ran = xtask(&words, &[("DATABASE_DIRECT_URL", &direct)], &answers).await;
    let sentence = format!("the database refuses the password of {user}\n  what to do: copy DATABASE_URL again");
    assert!(!ran.is_well && ran.printed.contains(&sentence), "{}", ran.printed);
    assert!(ran.printed.contains("nothing has been deployed"), "{}", ran.printed);
    let tables = sql(&address, "select count(*)::text as count from pg_tables where schemaname = 'public'").await;
    assert_eq!(tables["rows"][0]["count"], "0");
    assert!(!std::path::Path::new(&kept).exists(), "what was told was written");
}

/// A program of PostgreSQL's, where Debian keeps it.
async fn postgres(name: &str, words: &[&str]) {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|folder| folder.unwrap().path().join("bin").join(name));
    let program = versions.filter(|program| program.exists()).max().expect("PostgreSQL");
    let output = tokio::process::Command::new(program).args(words).output().await.unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn without_a_terminal_nothing_is_asked_and_what_is_missing_is_named() {
    let folder = Folder::new();
    let mut answers = in_order();
    answers.remove("SAMBANOVA_API_KEY");
    let told = folder.write("answers.json", &answers);
    let words = ["setup", "--target", "spin", "--skip-build", "--answers", &told, "--keep", &folder.path("kept.json")];
    let ran = xtask(&words, &[], &answers).await;
    assert!(!ran.is_well && ran.printed.contains("not set: SAMBANOVA_API_KEY\n  what to do: "), "{}", ran.printed);
}
