//! What can be wrong with a set-up: a sentence for each, and the remedy. `docs/operate.md` has them all in a table; a test compares.

use crate::brand;

/// What one look at something found.
pub type Found = Result<String, Fault>;

/// What is wrong. The fields are what the sentence names; none is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A variable without which nothing is served.
    Missing { name: String },
    /// On Spin, whose platform asks for no maintenance: nobody can.
    NoMaintenance,
    /// One, not a secret, that something else needs which is set.
    Lacking { name: String },
    /// One that the functions would refuse.
    Malformed { name: String, rule: String },
    /// No name server knows the host that a variable leads to.
    HostNotFound { name: String, host: String },
    /// The host is known, and no answer comes.
    Unreachable { name: String, host: String, why: String },
    /// The host answers as nobody expects.
    Unexpected { name: String, host: String, status: u16, words: String },
    /// Neon serves the region, but has no such endpoint there.
    NotAtThisHost { host: String },
    /// Postgres refuses who we say we are.
    WrongPassword { user: String },
    /// The server has no database of that name.
    NoDatabase { name: String },
    /// No migration has been applied.
    NoSchema { needed: i64 },
    /// Some have not.
    OlderSchema { found: i64, needed: i64 },
    /// Some were that this version does not know.
    NewerSchema { found: i64, needed: i64 },
    /// One broke off.
    HalfMigrated { version: i64 },
    /// Redis does not know the token.
    WrongToken,
    /// It knows it, and lets it read only.
    ReadOnlyToken,
    /// The host of mail does not know its token.
    WrongMailToken { host: String },
    /// The plan's commands are used up.
    NoCommandsLeft,
    /// The model's vendor does not know the key.
    WrongKey,
    /// The vendor has ended the model, or the key is not for it.
    RetiredModel { model: String, others: String },
    /// The account pays by nothing.
    NoPayment,
    /// What the key may use is used up.
    NoModelQuota { model: String },
    /// This machine's clock, against the vendors'.
    OwnClock { seconds: i64 },
    /// The deployed address', against the vendors'.
    ServersClock { seconds: i64 },
    /// A host whose certificate is not of today.
    Certificate { host: String },
    /// Spin would let no component call the address.
    BlockedHost { variable: String, entry: String, origin: String },
    /// Something else answers there.
    NotEdgewise { address: String },
    /// The functions lack a variable, or one is malformed.
    Misconfigured { path: String },
    /// The chat is switched off.
    ChatIsOff,
    /// The functions do not reach a store.
    StoreDown { path: String },
    /// The functions refuse with another code.
    Refused { path: String, code: String },
    /// No page at the root.
    NoPage { status: u16 },
    /// Passkeys are for another address than this one.
    OtherOrigin { set: String, address: String },
    /// Nothing on the page leads to the operator's words on privacy. A warning: everything works.
    NoPrivacyLink,
    /// Another origin's pages may not call, or all may.
    Cors { origin: String, rule: &'static str },
}

impl Fault {
    /// Whether all works with it.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::NoPrivacyLink)
    }

    /// What is wrong, in a sentence.
    pub fn what(&self) -> String {
        match self {
            Self::Missing { name } => format!("{name} is not set"),
            Self::NoMaintenance => {
                "MAINTENANCE_TOKEN is not set, and on Spin nothing else has removed what was kept long enough"
                    .to_owned()
            }
            Self::Lacking { name } => format!("{name} is empty, and something that is set needs it"),
            Self::Malformed { name, rule } => format!("{name} {rule}"),
            Self::HostNotFound { name, host } => format!("{name} leads to {host}, and no host of that name is found"),
            Self::Unreachable { name, host, why } => format!("{host}, where {name} leads to, does not answer: {why}"),
            Self::Unexpected { name, host, status, words } => {
                format!("{host}, where {name} leads to, answers {status} {words}")
            }
            Self::NotAtThisHost { host } => format!("Neon has no database at {host}"),
            Self::WrongPassword { user } => format!("the database refuses the password of {user}"),
            Self::NoDatabase { name } => format!("the server has no database {name}"),
            Self::NoSchema { needed } => format!("the database has no schema; this version needs {needed}"),
            Self::OlderSchema { found, needed } => format!("the schema is at {found}; this version needs {needed}"),
            Self::NewerSchema { found, needed } => {
                format!("the schema is at {found}, newer than this version, which knows {needed}")
            }
            Self::HalfMigrated { version } => format!("migration {version} was left half done"),
            Self::WrongToken => "Redis refuses the token".to_owned(),
            Self::ReadOnlyToken => "Redis' token may read and not write".to_owned(),
            Self::WrongMailToken { host } => format!("{host} refuses MAIL_API_TOKEN"),
            Self::NoCommandsLeft => "Redis' plan has no commands left".to_owned(),
            Self::WrongKey => "the model's vendor refuses the key".to_owned(),
            Self::RetiredModel { model, .. } => format!("{model} is retired, or not for this key"),
            Self::NoPayment => "the model's account has no means of payment (402)".to_owned(),
            Self::NoModelQuota { model } => format!("the key's quota for {model} is used up (429 insufficient_quota)"),
            Self::OwnClock { seconds } => format!("this machine's clock is {}", Self::off(*seconds)),
            Self::ServersClock { seconds } => format!("the server's clock is {}", Self::off(*seconds)),
            Self::Certificate { host } => format!("the certificate of {host} is not valid today"),
            Self::BlockedHost { variable, entry, origin } => {
                format!("Spin lets no component call {origin}: {variable} is {entry}")
            }
            Self::NotEdgewise { address } => format!("{address} is served, but not by Edgewise"),
            Self::Misconfigured { path } => format!("{path} answers 503 misconfigured"),
            Self::ChatIsOff => "the chat is switched off".to_owned(),
            Self::StoreDown { path } => format!("{path} answers 503 storage_unavailable"),
            Self::Refused { path, code } => format!("{path} is refused: {code}"),
            Self::NoPage { status } => format!("there is no page at the address: {status}"),
            Self::OtherOrigin { set, address } => {
                format!("PUBLIC_ORIGIN is {set}, so there are no passkeys at {address}")
            }
            Self::NoPrivacyLink => brand::NO_PRIVACY_LINK.to_owned(),
            Self::Cors { origin, rule } => format!("pages of {origin} {rule}"),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Missing { name } => format!(
                "`cargo xtask setup` asks for it; by hand `cargo xtask wrangler secret put {name}`, on Spin SPIN_VARIABLE_{name}"
            ),
            Self::NoMaintenance => {
                "`cargo xtask setup --target spin` makes it; then let a scheduler show it once a day (docs/operate.md)".to_owned()
            }
            Self::Lacking { name } => format!("set {name} in wrangler.toml, on Spin SPIN_VARIABLE_{name}, and deploy again"),
            Self::Malformed { .. } => "correct it as docs/configuration.md says".to_owned(),
            Self::HostNotFound { .. } => {
                "copy the address again from the vendor's console: its name or its region is wrong".to_owned()
            }
            Self::Unreachable { .. } => {
                "look at the vendor's status page, and whether a firewall keeps this machine from it".to_owned()
            }
            Self::Unexpected { .. } => "compare the address with the vendor's console; its words say the rest".to_owned(),
            Self::NotAtThisHost { .. } => {
                "compare endpoint and region in DATABASE_URL with Neon's console (Connect); a deleted project needs a new one"
                    .to_owned()
            }
            Self::WrongPassword { .. } => {
                "copy DATABASE_URL again from Neon's console (Connect), or give the role a new password there".to_owned()
            }
            Self::NoDatabase { .. } => "create it, or name the one that is there in DATABASE_URL".to_owned(),
            Self::NoSchema { .. } => "`cargo xtask migrate` with this DATABASE_URL".to_owned(),
            Self::OlderSchema { .. } => "`cargo xtask migrate` with this DATABASE_URL, then deploy".to_owned(),
            Self::NewerSchema { needed, .. } => format!(
                "deploy the version that the schema is of; or, from that version, `cargo xtask migrate down --to {needed}`"
            ),
            Self::HalfMigrated { .. } => {
                "repair the schema by hand or restore a backup, then delete its row from _sqlx_migrations".to_owned()
            }
            Self::WrongToken => {
                "copy UPSTASH_REDIS_REST_TOKEN again, from the same database as the URL (REST API, Token); it is not the password"
                    .to_owned()
            }
            Self::ReadOnlyToken => {
                "take the one that Upstash's console calls Token, not Readonly Token".to_owned()
            }
            Self::WrongMailToken { .. } => {
                "make a token that may send in the console of the mail's host, and put it as MAIL_API_TOKEN".to_owned()
            }
            Self::NoCommandsLeft => "wait for the next month, or choose a plan that pays for commands".to_owned(),
            Self::WrongKey => "copy SAMBANOVA_API_KEY again from SambaNova's console (API Keys), or make a new one".to_owned(),
            Self::RetiredModel { others, .. } => format!("take it out of SAMBANOVA_MODELS; the key has {others}"),
            Self::NoPayment => "add one in SambaNova's console (Billing)".to_owned(),
            Self::NoModelQuota { .. } => {
                "wait for the vendor's next day, choose a larger plan, or put another model first in SAMBANOVA_MODELS".to_owned()
            }
            Self::OwnClock { .. } => "let it be set by NTP: `timedatectl set-ntp true`".to_owned(),
            Self::ServersClock { .. } => {
                "let the server's be set by NTP: tokens are dated by it, and days are counted".to_owned()
            }
            Self::Certificate { .. } => {
                "look at this machine's clock first; if it is right, the host's certificate has to be renewed".to_owned()
            }
            Self::BlockedHost { variable, origin, .. } => format!("set {variable} to {origin}"),
            Self::NotEdgewise { .. } => "give the address of the deployment, as `cargo xtask deploy` prints it".to_owned(),
            Self::Misconfigured { .. } => {
                "its log names each variable and the rule it breaks: `cargo xtask wrangler tail`, on Spin standard error".to_owned()
            }
            Self::ChatIsOff => "set FEATURE_CHAT_ENABLED to true and deploy again; CHAT_ROLLOUT may leave you out, too".to_owned(),
            Self::StoreDown { .. } => "the deployment's own variables differ from these, or its log has another cause".to_owned(),
            Self::Refused { .. } => "README.md, \"When something is wrong\", has what each code means".to_owned(),
            Self::NoPage { .. } => "`cargo xtask build --page`, then deploy again".to_owned(),
            Self::OtherOrigin { .. } => {
                "set PUBLIC_ORIGIN to the address that visitors open, and deploy again; with its host, passkeys that were made are lost"
                    .to_owned()
            }
            Self::NoPrivacyLink => brand::PRIVACY_LINK_REMEDY.to_owned(),
            Self::Cors { .. } => "compare CORS_ORIGINS with the deployment's, and deploy again".to_owned(),
        }
    }

    fn off(seconds: i64) -> String {
        let direction = if seconds < 0 { "behind" } else { "ahead of" };
        format!("{} s {direction} the vendors'", seconds.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../docs/operate.md");

    /// One of each, with the values that the table has.
    fn examples() -> Vec<Fault> {
        let text = |text: &str| text.to_owned();
        let name = || text("DATABASE_URL");
        let host = || text("api.eu-central-1.aws.neon.tech");
        let path = || text("/api/v1/chat/messages");
        vec![
            Fault::Missing { name: text("JWT_SECRET") },
            Fault::NoMaintenance,
            Fault::Lacking { name: text("MAIL_FROM") },
            Fault::Malformed { name: text("JWT_SECRET"), rule: text("has fewer than 32 bytes") },
            Fault::HostNotFound { name: name(), host: host() },
            Fault::Unreachable { name: name(), host: host(), why: text("timeout") },
            Fault::Unexpected { name: name(), host: host(), status: 500, words: text("Control plane request failed") },
            Fault::NotAtThisHost { host: host() },
            Fault::WrongPassword { user: text("neondb_owner") },
            Fault::NoDatabase { name: text("chat") },
            Fault::NoSchema { needed: 7 },
            Fault::OlderSchema { found: 6, needed: 7 },
            Fault::NewerSchema { found: 8, needed: 7 },
            Fault::HalfMigrated { version: 7 },
            Fault::WrongToken,
            Fault::ReadOnlyToken,
            Fault::WrongMailToken { host: text("api.resend.com") },
            Fault::NoCommandsLeft,
            Fault::WrongKey,
            Fault::RetiredModel { model: text("Llama-4-Maverick-17B-128E-Instruct"), others: text("gpt-oss-120b") },
            Fault::NoPayment,
            Fault::NoModelQuota { model: text("gpt-oss-120b") },
            Fault::OwnClock { seconds: -600 },
            Fault::ServersClock { seconds: 600 },
            Fault::Certificate { host: host() },
            Fault::BlockedHost {
                variable: text("database_host"),
                entry: text("https://*.neon.tech"),
                origin: text("https://sql.example.com"),
            },
            Fault::NotEdgewise { address: text("https://chat.example.com") },
            Fault::Misconfigured { path: path() },
            Fault::ChatIsOff,
            Fault::StoreDown { path: path() },
            Fault::Refused { path: path(), code: text("budget_exhausted") },
            Fault::NoPage { status: 404 },
            Fault::OtherOrigin {
                set: text("https://chat.example.com"),
                address: text("https://edgewise.example.workers.dev"),
            },
            Fault::NoPrivacyLink,
            Fault::Cors { origin: text("https://shop.example.com"), rule: "may not call the API" },
        ]
    }

    #[test]
    fn the_page_for_operators_has_each_sentence_and_its_remedy() {
        let missing: Vec<String> = examples()
            .iter()
            .map(|fault| format!("| {} | {} |", fault.what(), fault.remedy()))
            .filter(|row| !PAGE.contains(row))
            .collect();
        assert!(missing.is_empty(), "docs/operate.md lacks\n{}", missing.join("\n"));
    }

    #[test]
    fn each_fault_has_a_sentence_of_its_own() {
        let sentences: std::collections::BTreeSet<String> = examples().iter().map(Fault::what).collect();
        assert_eq!(sentences.len(), examples().len());
    }
}
