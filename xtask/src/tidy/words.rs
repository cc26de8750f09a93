//! One truth told in several files: the variables of the functions, and what no file may mention.

use std::collections::BTreeMap;

use super::{Complaints, Source, text};
use crate::dev::WorkerConfig;

/// The table of variables in the code: the truth.
pub const TABLE: &str = "shared/application/src/config.rs";

/// Where a reader looks them up.
const PAGE: &str = "docs/configuration.md";

/// Places outside the work tree: a clone does not have them. In two parts, so that this file does not mention them itself.
const OUTSIDE: &[(&str, &str)] = &[("../", "shared"), ("/work/", "shared"), ("/work/", "main")];

/// Checks the variables and the mentions.
pub fn check(sources: &[Source]) -> Complaints {
    let mut complaints = variables(text(sources, TABLE), text(sources, "wrangler.toml"), text(sources, PAGE));
    for source in sources {
        for (before, after) in OUTSIDE {
            if source.text.contains(&format!("{before}{after}")) {
                complaints.push(format!("{}: mentions {before}{after}, which a clone does not have", source.path));
            }
        }
    }
    complaints
}

/// Compares the variables of the code with those of wrangler.toml and of the page about them.
fn variables(table: &str, wrangler: &str, page: &str) -> Complaints {
    let known = table_entries(table);
    if known.is_empty() {
        return vec![format!("{TABLE}: no table `VARIABLES`")];
    }
    let config = match WorkerConfig::parse(wrangler) {
        Ok(config) => config,
        Err(error) => return vec![format!("wrangler.toml: {error:#}")],
    };
    let deployed: BTreeMap<&str, Option<&str>> = config.variables().collect();
    let described: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut complaints = Vec::new();
    for (name, default) in &known {
        match deployed.get(name) {
            None => complaints.push(format!("wrangler.toml: {name} is missing ({TABLE} has it)")),
            Some(value) if value != default => {
                complaints.push(format!(
                    "wrangler.toml: {name} is {value:?}, its default in {TABLE} is {default:?} (None: a secret)"
                ));
            }
            Some(_) => {}
        }
        if !described.contains(name) {
            complaints.push(format!("{PAGE}: no row that begins \"| `{name}`\""));
        }
    }
    let unknown = deployed.keys().filter(|name| !known.contains_key(*name));
    complaints.extend(unknown.map(|name| format!("wrangler.toml: {name} is not in {TABLE}")));
    let stale = described.iter().filter(|name| is_variable(name) && !known.contains_key(*name));
    complaints.extend(stale.map(|name| format!("{PAGE}: {name} is not in {TABLE}")));
    complaints
}

/// `variable("NAME", "default")`, `required("NAME")`, `secret("NAME")` between `VARIABLES` and the end of the table.
pub fn table_entries(table: &str) -> BTreeMap<&str, Option<&str>> {
    let Some((_, rest)) = table.split_once("VARIABLES: &[Variable] = &[") else { return BTreeMap::new() };
    let entries = rest.split("];").next().unwrap_or_default().lines().map(str::trim);
    entries
        .filter_map(|line| {
            let mut quoted = line.split('"').skip(1).step_by(2);
            let name = quoted.next()?;
            Some((name, line.starts_with("variable(").then(|| quoted.next().unwrap_or_default())))
        })
        .collect()
}

fn is_variable(name: &str) -> bool {
    name.contains('_') && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    const CODE: &str = "pub const VARIABLES: &[Variable] = &[\n    variable(\"LOG_LEVEL\", \"info\"),\n    secret(\"JWT_SECRET\"),\n];\n";
    const DOCS: &str = "| `LOG_LEVEL` | info |\n| `JWT_SECRET` | |\n";

    fn wrangler(vars: &str, secrets: &str) -> String {
        format!(
            "name = 'x'\ncompatibility_date = 'x'\n[assets]\ndirectory = 'x'\nnot_found_handling = 'x'\nbinding = 'x'\nrun_worker_first = []\n\
             [vars]\n{vars}\n[secrets]\nrequired = [{secrets}]\n"
        )
    }

    #[test]
    fn the_three_lists_agree() {
        assert_eq!(variables(CODE, &wrangler("LOG_LEVEL = 'info'", "'JWT_SECRET'"), DOCS), Complaints::new());
    }

    #[test]
    fn each_difference_is_told() {
        let good = wrangler("LOG_LEVEL = 'info'", "'JWT_SECRET'");
        assert_eq!(variables(CODE, &wrangler("LOG_LEVEL = 'debug'", "'JWT_SECRET'"), DOCS).len(), 1, "another default");
        assert_eq!(variables(CODE, &wrangler("LOG_LEVEL = 'info'", ""), DOCS).len(), 1, "a missing secret");
        assert_eq!(
            variables(CODE, &wrangler("LOG_LEVEL = 'info'\nX = '1'", "'JWT_SECRET'"), DOCS).len(),
            1,
            "one too many"
        );
        assert_eq!(variables(CODE, &good, "| `LOG_LEVEL` | |").len(), 1, "not described");
        assert_eq!(variables(CODE, &good, &format!("{DOCS}| `OLD_ONE` | |")).len(), 1, "described, but gone");
        assert_eq!(variables("", &good, DOCS).len(), 1, "no table");
    }

    #[test]
    fn nothing_outside_the_tree_is_mentioned() {
        let text = ["see ../", "shared/style.md"].concat();
        assert!(check(&sources(&[("docs/a.md", &text)])).iter().any(|complaint| complaint.starts_with("docs/a.md")));
    }
}
