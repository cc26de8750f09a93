//! `spin.toml` against the table of variables in the code: the same names and defaults. Every function gets all of them but the secrets,
//! of which it gets what it needs, and the hosts of its list.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::words::{TABLE, table_entries};
use super::{Complaints, Source, text};

/// The manifest.
const MANIFEST: &str = "spin.toml";

/// Its own: where components may connect to.
const HOSTS: &[&str] = &["database_host", "redis_host", "model_host"];

/// Checks the manifest.
pub fn check(sources: &[Source]) -> Complaints {
    compare(text(sources, TABLE), text(sources, MANIFEST))
}

fn compare(table: &str, manifest: &str) -> Complaints {
    let manifest: Table = match manifest.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{MANIFEST}: {error}")],
    };
    let known: BTreeMap<String, &str> =
        table_entries(table).into_iter().map(|(name, default)| (name.to_lowercase(), default.unwrap_or(""))).collect();
    let declared = table_of(manifest.get("variables"));
    let mut complaints = Vec::new();
    for (name, default) in &known {
        let told = declared.get(name.as_str()).and_then(|variable| variable.get("default")).and_then(Value::as_str);
        if told != Some(*default) {
            complaints.push(format!("{MANIFEST}: {name} is {told:?}, its default in {TABLE} is {default:?}"));
        }
    }
    let unknown = declared.keys().filter(|name| !known.contains_key(*name) && !HOSTS.contains(&name.as_str()));
    complaints.extend(unknown.map(|name| format!("{MANIFEST}: {name} is not in {TABLE}")));
    for (component, settings) in table_of(manifest.get("component")) {
        let given = table_of(settings.get("variables"));
        // The page asks for none.
        if given.is_empty() {
            continue;
        }
        let is_passed_on = |name: &str| given.get(name).and_then(Value::as_str) == Some(&placeholder(name));
        let is_secret = |name: &str| declared.get(name).is_some_and(|variable| variable.get("secret").is_some());
        let missing =
            known.keys().filter(|name| (!is_secret(name) || given.contains_key(*name)) && !is_passed_on(name));
        complaints.extend(missing.map(|name| format!("{MANIFEST}: component {component} is not given {name}")));
        let list = settings.get("allowed_outbound_hosts").and_then(Value::as_array).cloned().unwrap_or_default();
        let may_call = |name: &str| list.iter().any(|entry| entry.as_str() == Some(&placeholder(name)));
        let differing = HOSTS.iter().filter(|name| may_call(name) != is_passed_on(name));
        complaints.extend(differing.map(|name| {
            format!(
                "{MANIFEST}: component {component} has {name} in its variables or in its list of hosts, and not in both"
            )
        }));
        let too_many = given.keys().filter(|name| !known.contains_key(*name) && !HOSTS.contains(&name.as_str()));
        complaints.extend(too_many.map(|name| format!("{MANIFEST}: component {component} is given {name}")));
    }
    complaints
}

fn placeholder(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

fn table_of(value: Option<&Value>) -> Table {
    value.and_then(Value::as_table).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "pub const VARIABLES: &[Variable] = &[\n    variable(\"LOG_LEVEL\", \"info\"),\n    secret(\"JWT_SECRET\"),\n];\n";
    const GOOD: &str = "[variables]\nlog_level = { default = 'info' }\njwt_secret = { default = '', secret = true }\nmodel_host = { default = 'x' }\n\
                        [component.page]\nsource = 'x'\n\
                        [component.meta.variables]\nlog_level = '{{ log_level }}'\n\
                        [component.auth]\nallowed_outbound_hosts = ['{{ model_host }}']\n\
                        [component.auth.variables]\nlog_level = '{{ log_level }}'\njwt_secret = '{{ jwt_secret }}'\nmodel_host = '{{ model_host }}'\n";

    #[test]
    fn the_manifest_has_what_the_code_has() {
        assert_eq!(compare(CODE, GOOD), Complaints::new());
    }

    #[test]
    fn each_difference_is_told() {
        for (from, to, what) in [
            ("default = 'info'", "default = 'debug'", "another default"),
            ("log_level = { default = 'info' }\n", "", "a variable is missing"),
            (
                "model_host = { default = 'x' }",
                "model_host = { default = 'x' }\nold_name = { default = 'x' }",
                "one too many",
            ),
            (
                "log_level = '{{ log_level }}'\n[component.auth]",
                "other = 'x'\nlog_level = '{{ log_level }}'\n[component.auth]",
                "a component is given one too many",
            ),
            ("log_level = '{{ log_level }}'\njwt", "jwt", "a component is not given one"),
            ("jwt_secret = '{{ jwt_secret }}'", "jwt_secret = '{{ log_level }}'", "a component is given another"),
            ("['{{ model_host }}']", "[]", "a component is given a host that it may not call"),
            ("\nmodel_host = '{{ model_host }}'", "", "a component is not given a host that it may call"),
        ] {
            assert_eq!(compare(CODE, &GOOD.replace(from, to)).len(), 1, "{what}");
        }
    }
}
