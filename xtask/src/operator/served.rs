//! The deployed address, asked as a visitor's browser asks it.

use domain::PublicOrigin;

use super::call::{Call, Reply};
use super::clock::Clocks;
use super::fault::{Fault, Found};
use super::given::Given;
use super::message;
use crate::brand;

/// What an answer of any route of a store needs: the path, and what it shows.
const ROUTES: [(&str, &str); 2] = [("/api/v1/chat/quota", "Redis"), ("/api/v1/chat/sessions", "the database")];

/// An origin that nobody has named.
const STRANGER: &str = "https://elsewhere.invalid";

/// Asks it. With `sends` a message is sent, which costs what a message costs.
pub fn check(base: &str, given: &Given, needed: i64, sends: bool, clocks: &mut Clocks) -> Vec<Found> {
    let base = base.trim_end_matches('/');
    let health = match health(base, needed, clocks) {
        Ok(health) => health,
        Err(fault) => return vec![Err(fault)],
    };
    let mut found = vec![health];
    found.extend(page(base));
    found.extend(chat(base, given, sends));
    found.extend(cors(base, given));
    found.extend(passkeys(base, given));
    found
}

/// Whether passkeys are made for the address, where there are accounts.
fn passkeys(base: &str, given: &Given) -> Option<Found> {
    if !["true", "1"].contains(&given.get("ACCOUNTS_ENABLED").to_lowercase().as_str()) {
        return None;
    }
    // One that is malformed is told with the variables.
    let set = match given.get("PUBLIC_ORIGIN") {
        "" => return Some(Ok("passkeys: none, for PUBLIC_ORIGIN is not set".to_owned())),
        text => PublicOrigin::parse(text).ok()?,
    };
    Some(match PublicOrigin::parse(base) {
        Ok(address) if address == set => Ok(format!("passkeys: made for {}", set.rp_id())),
        Ok(_) | Err(_) => Err(Fault::OtherOrigin { set: set.as_str().to_owned(), address: base.to_owned() }),
    })
}

fn health(base: &str, needed: i64, clocks: &mut Clocks) -> Result<Found, Fault> {
    let reply = message::send(base, "GET", "/api/v1/health", "", None)?;
    clocks.server(&reply);
    let json = reply.json();
    let version = json.get("version").and_then(|version| version.as_str());
    match (reply.status, version) {
        (200, Some(version)) => Ok(match json.get("schema").and_then(serde_json::Value::as_i64) {
            Some(found) if needed < found => Err(Fault::NewerSchema { found, needed }),
            Some(found) if found < needed => Err(Fault::OlderSchema { found, needed }),
            _ => Ok(format!("address: version {} answers in {} ms", shown(version), reply.took.as_millis())),
        }),
        _ => Err(Fault::NotEdgewise { address: base.to_owned() }),
    }
}

/// A stranger's words, short.
fn shown(words: &str) -> String {
    words.chars().filter(|char| char.is_ascii_graphic()).take(20).collect()
}

fn page(base: &str) -> Vec<Found> {
    let reply = match message::send(base, "GET", "/", "", None) {
        Ok(reply) => reply,
        Err(fault) => return vec![Err(fault)],
    };
    if !reply.header("content-type").starts_with("text/html") || reply.status != 200 {
        return vec![Err(Fault::NoPage { status: reply.status })];
    }
    let mut found = vec![Ok(format!("page: {} bytes", reply.body.len()))];
    if !leads_to_privacy(&reply.body) {
        found.push(Err(Fault::NoPrivacyLink));
    }
    found
}

/// Whether a link of the line below the field does, which says what becomes of words (`static/index.html`).
fn leads_to_privacy(html: &str) -> bool {
    let line = html.split_once("class=\"ai-line").and_then(|(_, rest)| rest.split_once("</p>"));
    let links =
        line.into_iter().flat_map(|(line, _)| line.split("<a ").skip(1)).filter_map(|rest| rest.split_once("</a>"));
    links.map(|(link, _)| link).any(brand::names_privacy)
}

/// As a guest: whether the functions reach their stores, and the model if that is asked for.
fn chat(base: &str, given: &Given, sends: bool) -> Vec<Found> {
    let token = match message::guest(base) {
        Ok((token, _)) => token,
        Err(Fault::Refused { code, .. }) if code == "challenge_required" => {
            return vec![Ok("guests: work is asked for today, so no more is tried from here".to_owned())];
        }
        Err(fault) => return vec![Err(fault)],
    };
    let mut found: Vec<Found> = ROUTES.iter().map(|(path, shows)| route(base, path, shows, &token)).collect();
    if sends {
        found.push(message::send_one(base, &token, given));
    }
    found
}

fn route(base: &str, path: &str, shows: &str, token: &str) -> Found {
    let reply = message::send(base, "GET", path, token, None)?;
    match reply.status {
        200 => Ok(format!("address: it reaches {shows}")),
        _ => Err(message::refused(path, &reply)),
    }
}

/// Whether the pages of the origins that are named may call, and those of a stranger may not.
fn cors(base: &str, given: &Given) -> Vec<Found> {
    let named: Vec<&str> =
        given.get("CORS_ORIGINS").split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
    let for_all = named.contains(&"*");
    let mut found: Vec<Found> = Vec::new();
    for origin in named.iter().copied().filter(|origin| *origin != "*").chain([STRANGER]) {
        let wanted = for_all || origin != STRANGER;
        let rule = match preflight(base, origin) {
            Ok(reply) => (wanted != allows(&reply, origin)).then_some(if wanted {
                "may not call the API"
            } else {
                "may call the API"
            }),
            Err(fault) => {
                found.push(Err(fault));
                continue;
            }
        };
        found.extend(rule.map(|rule| Err(Fault::Cors { origin: origin.to_owned(), rule })));
    }
    if found.is_empty() {
        let who = if for_all { "any page".to_owned() } else { format!("the page and {} other origins", named.len()) };
        found.push(Ok(format!("CORS: {who} may call")));
    }
    found
}

fn preflight(base: &str, origin: &str) -> Result<Reply, Fault> {
    let url = format!("{base}/api/v1/chat/messages");
    let headers = [("origin", origin), ("access-control-request-method", "POST")];
    Call { method: "OPTIONS", url: &url, headers: &headers, body: None, name: "the address" }.send()
}

fn allows(reply: &Reply, origin: &str) -> bool {
    ["*", origin].contains(&reply.header("access-control-allow-origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_privacy_are_looked_for_among_the_links_of_the_line_that_tells_what_becomes_of_words() {
        let page = |links: &str| {
            let html = include_str!("../../../static/index.html").replace("%links%", links);
            leads_to_privacy(&html.replace("%stored%", "It says privacy"))
        };
        assert!(page(" · <a href=\"https://a.example/privacy\" target=\"_blank\">How we do it</a>"));
        assert!(page(" · <a href=\"/i\">Imprint</a> · <a href=\"/d\">Datenschutz</a>"));
        assert!(!page("") && !page(" · <a href=\"/i\">Imprint</a>"));
    }
}
