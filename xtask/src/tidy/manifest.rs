//! `spin.toml` against the table of variables in the code: the same names and defaults, and every function gets all of them.

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
        let is_passed_on = |name: &str| given.get(name).and_then(Value::as_str) == Some(&format!("{{{{ {name} }}}}"));
        let missing = known.keys().filter(|name| !is_passed_on(name));
        complaints.extend(missing.map(|name| format!("{MANIFEST}: component {component} is not given {name}")));
        let too_many = given.keys().filter(|name| !known.contains_key(*name));
        complaints.extend(too_many.map(|name| format!("{MANIFEST}: component {component} is given {name}")));
    }
    complaints
}

fn table_of(value: Option<&Value>) -> Table {
    value.and_then(Value::as_table).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "pub const VARIABLES: &[Variable] = &[\n    variable(\"LOG_LEVEL\", \"info\"),\n    secret(\"JWT_SECRET\"),\n];\n";
    const GOOD: &str = "[variables]\nlog_level = { default = 'info' }\njwt_secret = { default = '' }\nmodel_host = { default = 'x' }\n\
                        [component.page]\nsource = 'x'\n\
                        [component.auth.variables]\nlog_level = '{{ log_level }}'\njwt_secret = '{{ jwt_secret }}'\n";

    #[test]
    fn the_manifest_has_what_the_code_has() {
        assert_eq!(compare(CODE, GOOD), Complaints::new());
    }

    #[test]
    fn each_difference_is_told() {
        for (from, to, what) in [
            ("default = 'info'", "default = 'debug'", "another default"),
            ("jwt_secret = { default = '' }\n", "", "a variable is missing"),
            ("model_host", "old_name", "one too many"),
            ("jwt_secret = '{{ jwt_secret }}'", "", "a component is not given one"),
            ("jwt_secret = '{{ jwt_secret }}'", "jwt_secret = '{{ log_level }}'", "a component is given another"),
        ] {
            assert_eq!(compare(CODE, &GOOD.replace(from, to)).len(), 1, "{what}");
        }
    }
}
