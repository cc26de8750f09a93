//! The table of variables is told in three more places: wrangler.toml, spin.toml and docs/configuration.md.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use super::VARIABLES;

const WRANGLER: &str = include_str!("../../../../wrangler.toml");
const SPIN: &str = include_str!("../../../../spin.toml");
const PAGE: &str = include_str!("../../../../docs/configuration.md");

/// Variables of spin.toml alone: where components may connect to.
const HOSTS: [&str; 8] = [
    "alert_host",
    "database_host",
    "mail_host",
    "model_host",
    "redis_host",
    "turnstile_host",
    "github_host",
    "oidc_host",
];

/// A part of a file, by its keys.
fn table(text: &str, keys: &[&str]) -> Table {
    let file: Table = text.parse().unwrap();
    keys.iter().fold(file, |table, key| table[*key].as_table().unwrap().clone())
}

fn secrets() -> BTreeSet<String> {
    let declared = table(SPIN, &["variables"]).into_iter();
    declared.filter(|(_, variable)| variable.get("secret").is_some()).map(|(name, _)| name).collect()
}

fn placeholder(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

#[test]
fn wrangler_toml_has_each_default_and_names_what_has_none() {
    // An optional secret has no line in wrangler.toml: a variable of its name would keep it from being set.
    let is_deployed = |name: &str| !secrets().contains(&name.to_lowercase());
    let defaults = VARIABLES.iter().filter_map(|variable| Some((variable.name, variable.default?)));
    let expected: BTreeMap<_, _> = defaults.filter(|(name, _)| is_deployed(name)).collect();
    let vars = table(WRANGLER, &["vars"]);
    let vars: BTreeMap<_, _> = vars.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    assert_eq!(vars, expected);
    let expected: BTreeSet<_> = VARIABLES.iter().filter(|one| one.default.is_none()).map(|one| one.name).collect();
    let listed = table(WRANGLER, &["secrets"]);
    assert_eq!(
        listed["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect::<BTreeSet<_>>(),
        expected
    );
}

#[test]
fn spin_toml_declares_each_with_its_default() {
    let mut declared = table(SPIN, &["variables"]);
    HOSTS.iter().for_each(|host| assert!(declared.remove(*host).is_some(), "{host}"));
    let declared: BTreeMap<_, _> =
        declared.iter().map(|(name, variable)| (name.to_uppercase(), variable["default"].as_str().unwrap())).collect();
    let expected = VARIABLES.iter().map(|one| (one.name.to_owned(), one.default.unwrap_or_default())).collect();
    assert_eq!(declared, expected);
}

#[test]
fn each_component_is_given_all_but_the_secrets_and_the_hosts_of_its_list() {
    let secrets = secrets();
    for (component, settings) in table(SPIN, &["component"]) {
        // The page's component reads no variables.
        let Some(given) = settings.get("variables").and_then(toml::Value::as_table) else { continue };
        let list = settings.get("allowed_outbound_hosts").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let may_call = |host: &str| list.iter().any(|entry| entry.as_str() == Some(&placeholder(host)));
        let known = VARIABLES.iter().map(|one| one.name.to_lowercase());
        let known = known.filter(|name| !secrets.contains(name) || given.contains_key(name));
        let hosts = HOSTS.into_iter().filter(|host| may_call(host)).map(str::to_owned);
        let expected: Table = known.chain(hosts).map(|name| (name.clone(), placeholder(&name).into())).collect();
        assert_eq!(given, &expected, "{component}");
    }
}

#[test]
fn the_page_about_them_has_a_row_for_each() {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let is_variable = |name: &&str| name.contains('_') && !name.contains(|c: char| c.is_lowercase() || c == ' ');
    let described: BTreeSet<_> = rows.filter(is_variable).collect();
    assert_eq!(described, VARIABLES.iter().map(|one| one.name).collect());
}
