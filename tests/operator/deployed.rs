//! A set-up for Workers: the pinned wrangler against a stand-in of Cloudflare, which serves what it was sent.

use std::os::unix::fs::PermissionsExt;

use tests::variable;

use crate::cloudflare::{Cloudflare, TOKEN};
use crate::command::{Folder, Ran, Variables, database, in_order, sql, xtask};
use crate::work_tree::{WorkTree, files_below, project};

/// What the set-up puts: what was told, and what it has made.
const SECRETS: [&str; 6] = [
    "ACCOUNTS_PEPPER",
    "DATABASE_URL",
    "JWT_SECRET",
    "SAMBANOVA_API_KEY",
    "UPSTASH_REDIS_REST_TOKEN",
    "UPSTASH_REDIS_REST_URL",
];

/// An operator with a work tree, an account at Cloudflare, and a database without a table.
struct Operator {
    tree: WorkTree,
    cloudflare: Cloudflare,
    answers: Variables,
    direct_database_url: String,
    folder: Folder,
}

impl Operator {
    async fn new() -> Self {
        let (address, direct_database_url) = database().await;
        let mut answers = in_order();
        // What nobody has to think of, and what only Spin has.
        for name in ["JWT_SECRET", "MAINTENANCE_TOKEN", "DATABASE_HOST", "REDIS_HOST", "MODEL_HOST"] {
            answers.remove(name);
        }
        answers.insert("DATABASE_URL".to_owned(), address);
        let (tree, cloudflare, folder) = (WorkTree::new(), Cloudflare::open().await, Folder::new());
        Self { tree, cloudflare, answers, direct_database_url, folder }
    }

    /// Sets up, keeps what was told in a file of this name, and is known to Cloudflare by this token.
    async fn sets_up(&self, keep: &str, token: &str, more: &[&str]) -> Ran {
        let told = self.folder.write("answers.json", &self.answers);
        let (keep, edge) = (self.folder.path(keep), &self.cloudflare.edge);
        let words = ["setup", "--target", "workers", "--answers", &told, "--keep", &keep, "--url", edge];
        self.runs(&[&words[..], more].concat(), token).await
    }

    async fn runs(&self, words: &[&str], token: &str) -> Ran {
        let of_tree = self.tree.environment();
        let mut environment: Vec<(&str, &str)> = of_tree.iter().map(|(name, value)| (*name, value.as_str())).collect();
        environment.extend(self.cloudflare.environment(token));
        environment.push(("DATABASE_DIRECT_URL", &self.direct_database_url));
        xtask(&[words, &["--skip-build"]].concat(), &environment, &self.answers).await
    }

    async fn count(&self, query: &str) -> String {
        let counted = sql(&self.answers["DATABASE_URL"], query).await;
        counted["rows"][0]["count"].as_str().unwrap().to_owned()
    }

    async fn tables(&self) -> String {
        self.count("select count(*)::text as count from pg_tables where schemaname = 'public'").await
    }

    async fn messages(&self) -> String {
        self.count("select count(*)::text as count from chat_messages").await
    }
}

/// Nobody reads one of these there.
fn check_hidden(secrets: &Variables, place: &str, text: &str) {
    // The address of Redis is secret for its token alone, which is another variable.
    for (name, secret) in secrets.iter().filter(|(name, _)| *name != "UPSTASH_REDIS_REST_URL") {
        assert!(!text.contains(secret), "{name} is in {place}:\n{}", text.replace(secret, "***"));
    }
}

#[tokio::test]
async fn a_worker_is_deployed_and_answers_and_a_second_set_up_leaves_its_secrets() {
    let operator = Operator::new().await;
    let cloudflare = &operator.cloudflare;
    let unchanged = std::fs::read_to_string(project("wrangler.toml")).unwrap();

    let rehearsal = operator.sets_up("kept.vars", TOKEN, &["--dry-run"]).await;
    assert!(rehearsal.is_well && rehearsal.printed.contains("nothing has left this machine"), "{}", rehearsal.printed);
    let calls = cloudflare.kept().calls.clone();
    assert_eq!((calls, operator.tables().await.as_str()), (Vec::new(), "0"));
    assert!(operator.tree.config().contains("FEATURE_CHAT_ENABLED = \"false\""));

    let ran = operator.sets_up("kept.vars", TOKEN, &[]).await;
    for sentence in [
        "✓ JWT_SECRET is made",
        "✓ ACCOUNTS_PEPPER is made",
        "wrangler.toml: FEATURE_CHAT_ENABLED is true from now on",
        "https://edgewise.loopback.workers.dev",
        "✓ message: answered by Meta-Llama-3.3-70B-Instruct",
        &format!("open {};", cloudflare.edge),
    ] {
        assert!(ran.printed.contains(sentence), "{sentence} in\n{}", ran.printed);
    }
    assert!(ran.is_well, "{}", ran.printed);
    assert_eq!(operator.messages().await, "2", "a question and its answer, in a schema that was made");
    assert_eq!(std::fs::read_to_string(project("wrangler.toml")).unwrap(), unchanged);

    // The secrets went in one call, from a standard input.
    let put = cloudflare.kept().put.clone();
    assert_eq!(put.len(), 1, "calls that put secrets");
    assert_eq!(put[0].keys().collect::<Vec<_>>(), SECRETS);
    for made in ["JWT_SECRET", "ACCOUNTS_PEPPER"] {
        assert_eq!(put[0][made].len(), 64, "{made}");
    }
    assert_ne!(put[0]["JWT_SECRET"], put[0]["ACCOUNTS_PEPPER"]);
    check_hidden(&put[0], "what is printed", &ran.printed);
    check_hidden(&put[0], "wrangler's log", &operator.tree.log_of_wrangler());
    let command_lines = cloudflare.kept().command_lines.clone();
    assert!(command_lines.contains("secret bulk"), "{command_lines}");
    check_hidden(&put[0], "the command line of a process", &command_lines);
    let kept = std::fs::metadata(operator.folder.path("kept.vars")).unwrap();
    assert_eq!(kept.permissions().mode() & 0o777, 0o600);

    // What is served is what was built, with the variables of wrangler.toml.
    let version = cloudflare.kept().deployed().unwrap().clone();
    for module in ["functions/worker/build", "functions/worker-accounts/build"] {
        let built = std::fs::read(project(module).join("index_bg.wasm")).unwrap();
        assert!(version.modules.values().any(|uploaded| *uploaded == built), "{module} is not what was uploaded");
    }
    let mut page = files_below(&project("static/dist"));
    page.retain(|path, _| !["/_headers", "/_redirects"].contains(&path.as_str()));
    assert_eq!(version.files.keys().collect::<Vec<_>>(), page.keys().collect::<Vec<_>>());
    assert!(version.files == page, "a file of the page is not what was uploaded");
    let variables: Vec<_> = version.bindings("plain_text").map(|one| (&one["name"], &one["text"])).collect();
    for (name, expected) in
        [("FEATURE_CHAT_ENABLED", "true"), ("DATABASE_HTTP_URL", variable("DATABASE_HTTP_URL").as_str())]
    {
        let is_set = variables.iter().any(|(known, text)| **known == name && **text == expected);
        assert!(is_set, "{name}: {variables:?}");
    }
    let limits: Vec<_> = version.bindings("ratelimit").filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(limits, ["REQUESTS_LIMIT", "ADDRESS_LIMIT", "READS_LIMIT"]);
    assert_eq!(cloudflare.kept().schedules[0]["cron"], "17 4 * * *");
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let index = browser.get(&cloudflare.edge).send().await.unwrap().bytes().await.unwrap();
    assert!(index == page["/index.html"], "{}", String::from_utf8_lossy(&index));

    // Told the same once more, where no file keeps what was made: the deployment has it.
    let again = operator.sets_up("kept-again.vars", TOKEN, &[]).await;
    assert!(again.is_well && again.printed.contains("✓ message: answered by"), "{}", again.printed);
    for made in ["JWT_SECRET", "ACCOUNTS_PEPPER"] {
        assert!(!again.printed.contains(&format!("{made} is made")), "{}", again.printed);
        assert!(!cloudflare.kept().put[1].contains_key(made), "{made} was put again");
    }
    assert_eq!(cloudflare.kept().secrets.as_ref(), Some(&put[0]));
    assert_eq!(operator.messages().await, "4");
    assert_eq!(cloudflare.kept().versions.len(), 2);

    // A deployment without one of them would answer nobody.
    cloudflare.kept().secrets.as_mut().unwrap().remove("SAMBANOVA_API_KEY");
    let lacking = operator.runs(&["deploy"], TOKEN).await;
    let sentence = "secrets are missing\n  what to do:\n    cargo xtask wrangler secret put SAMBANOVA_API_KEY";
    assert!(!lacking.is_well && lacking.printed.trim_end().ends_with(sentence), "{}", lacking.printed);
    assert_eq!(cloudflare.kept().versions.len(), 2);
}

#[tokio::test]
async fn a_token_that_cloudflare_refuses_stops_a_set_up_before_anything_is_done() {
    let operator = Operator::new().await;
    let ran = operator.sets_up("kept.vars", "of-somebody-else", &[]).await;
    let sentence = "wrangler cannot list the Worker's secrets: Cloudflare refuses the login\n  what to do: `cargo xtask wrangler login`";
    assert!(!ran.is_well && ran.printed.contains(sentence), "{}", ran.printed);
    assert!(!ran.printed.contains("code: 10000"), "wrangler's own words are in\n{}", ran.printed);
    let calls = operator.cloudflare.kept().calls.clone();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.starts_with("GET ")), "{calls:?}");
    assert_eq!(operator.tables().await, "0");
    assert!(!std::path::Path::new(&operator.folder.path("kept.vars")).exists(), "what was told was written");
    assert!(operator.tree.config().contains("FEATURE_CHAT_ENABLED = \"false\""));

    // Nor does `deploy` say more, or less.
    let ran = operator.runs(&["deploy"], "of-somebody-else").await;
    assert!(!ran.is_well && ran.printed.contains(sentence), "{}", ran.printed);
    // Where nothing was ever deployed, the way is another.
    let ran = operator.runs(&["deploy"], TOKEN).await;
    let sentence = "Cloudflare has no Worker of this name yet\n  what to do: `cargo xtask setup` makes it";
    assert!(!ran.is_well && ran.printed.contains(sentence), "{}", ran.printed);
    assert!(operator.cloudflare.kept().versions.is_empty());
}

#[tokio::test]
async fn secrets_that_cloudflare_does_not_take_are_not_shown_and_nothing_is_deployed() {
    let operator = Operator::new().await;
    let cloudflare = &operator.cloudflare;
    cloudflare.kept().refuses_secrets = true;
    let ran = operator.sets_up("kept.vars", TOKEN, &[]).await;
    assert!(!ran.is_well && ran.printed.contains("wrangler has not put the secrets: "), "{}", ran.printed);
    // Cloudflare's words repeat them.
    assert!(ran.printed.contains("cannot take") && ran.printed.contains("***"), "{}", ran.printed);
    let refused = cloudflare.kept().refused.clone();
    assert_eq!(refused[0].keys().collect::<Vec<_>>(), SECRETS);
    check_hidden(&refused[0], "what is printed", &ran.printed);
    assert_eq!(cloudflare.kept().secrets, None);
    assert_eq!(cloudflare.kept().versions.len(), 0);
    let calls = cloudflare.kept().calls.clone();
    assert!(!calls.iter().any(|call| call.starts_with("POST ")), "{calls:?}");
}
