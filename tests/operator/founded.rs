//! A whole set-up, from an empty database to a message that is answered.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use tests::variable;

use crate::command::{Folder, database, in_order, sql, xtask};

#[tokio::test]
async fn a_set_up_migrates_serves_and_says_what_a_message_cost() {
    let folder = Folder::new();
    let (address, direct) = database().await;
    let mut answers = in_order();
    answers.insert("DATABASE_URL".to_owned(), address);
    // What nobody has to think of.
    for name in ["JWT_SECRET", "DATABASE_HOST", "REDIS_HOST", "MODEL_HOST"] {
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
    assert!(rehearsal.printed.contains("JWT_SECRET would be made"), "{}", rehearsal.printed);
    assert!(!std::path::Path::new(&kept).exists(), "a rehearsal writes nothing");

    let ran = xtask(&words, &direct, &answers).await;
    assert!(ran.is_well && ran.printed.contains("✓ Redis: writes"), "{}", ran.printed);
    assert!(ran.printed.contains("✓ message: answered by Meta-Llama-3.3-70B-Instruct"), "{}", ran.printed);
    assert!(ran.printed.contains("tokens in") && ran.printed.contains("by SAMBANOVA_MODELS"), "{}", ran.printed);

    let text = std::fs::read_to_string(&kept).unwrap();
    let variables: serde_json::Value = serde_json::from_str(&text).unwrap();
    let secret = variables["jwt_secret"].as_str().expect("a secret that was made");
    assert_eq!((secret.len(), variables["model_host"].as_str()), (64, Some(variable("STACK_URL").as_str())));
    assert!(!ran.printed.contains(secret), "{}", ran.printed);
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
    let moved = in_order().into_iter().chain([("DATABASE_URL".to_owned(), restored)]).collect();
    let moved = folder.write("moved.json", &moved);
    let looked = xtask(&["doctor", "--variables", &moved], &[], &answers).await;
    assert!(looked.is_well && looked.printed.contains("✓ schema: at"), "{}", looked.printed);
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
