//! One truth told in several files: the variables of the functions, and what no file may mention.

use std::collections::BTreeMap;

use super::{Complaints, Source, text};
use crate::dev::{OPTIONAL_SECRETS, WorkerConfig};

/// The table of variables in the code: the truth.
pub const TABLE: &str = "shared/application/src/config.rs";

/// Where a reader looks them up.
const PAGE: &str = "docs/configuration.md";

/// Checks the variables and the mentions.
pub fn check(sources: &[Source]) -> Complaints {
    let mut complaints = variables(text(sources, TABLE), text(sources, "wrangler.toml"), text(sources, PAGE));
    let optional = optional_secrets(text(sources, TABLE));
    if optional != OPTIONAL_SECRETS {
        complaints.push(format!("{TABLE} has the optional secrets {optional:?}, `dev` passes on {OPTIONAL_SECRETS:?}"));
    }
    for source in sources.iter().filter(|source| is_document(source)) {
        for target in links(&source.text) {
            if leads_outside(&source.path, target) {
                complaints.push(format!("{}: links to {target}, which a clone does not have", source.path));
            }
        }
    }
    complaints
}

fn is_document(source: &Source) -> bool {
    source.path.ends_with(".md")
}

/// Where the links of a Markdown text lead: what stands in round brackets behind square ones.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next())
}

/// Whether a link of the file at `path` leaves the work tree: an absolute path, or more steps up than the file is deep.
fn leads_outside(path: &str, target: &str) -> bool {
    let depth = path.matches('/').count();
    let up = target.split('/').take_while(|step| *step == "..").count();
    target.starts_with('/') || up > depth
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
    let optional = optional_secrets(table);
    let mut complaints = Vec::new();
    for (name, default) in &known {
        match deployed.get(name) {
            None if optional.contains(name) => {}
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

/// The lines between `VARIABLES` and the end of the table.
fn table_lines(table: &str) -> impl Iterator<Item = &str> {
    let rest = table.split_once("VARIABLES: &[Variable] = &[").map_or("", |(_, rest)| rest);
    rest.split("];").next().unwrap_or_default().lines().map(str::trim)
}

/// `optional_secret("NAME")`: wrangler.toml does not name these.
fn optional_secrets(table: &str) -> Vec<&str> {
    table_lines(table).filter_map(|line| line.strip_prefix("optional_secret(\"")?.split('"').next()).collect()
}

/// `variable("NAME", "default")`, `required("NAME")`, `secret("NAME")`, `optional_secret("NAME")`.
pub fn table_entries(table: &str) -> BTreeMap<&str, Option<&str>> {
    table_lines(table)
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
    fn an_optional_secret_is_described_and_has_no_place_in_wrangler_toml() {
        let code = CODE.replace("];", "    optional_secret(\"OLD_SECRET\"),\n];");
        let good = wrangler("LOG_LEVEL = 'info'", "'JWT_SECRET'");
        assert_eq!(variables(&code, &good, &format!("{DOCS}| `OLD_SECRET` | |\n")), Complaints::new());
        assert_eq!(variables(&code, &good, DOCS).len(), 1, "not described");
        let in_the_way = wrangler("LOG_LEVEL = 'info'\nOLD_SECRET = ''", "'JWT_SECRET'");
        assert_eq!(variables(&code, &in_the_way, &format!("{DOCS}| `OLD_SECRET` | |\n")).len(), 1, "a variable");
    }

    #[test]
    fn no_link_leaves_the_tree() {
        let complains = |path: &str, text: &str| {
            check(&sources(&[(path, text)])).iter().any(|complaint| complaint.starts_with(path))
        };
        for (path, text) in [
            ("README.md", "[a](../notes.md)"),
            ("docs/a.md", "[a](../../notes.md#part)"),
            ("docs/a.md", "[a](b.md), [b](/home/me/notes.md)"),
        ] {
            assert!(complains(path, text), "{path}: {text}");
        }
        for text in ["[a](../README.md)", "[a](b.md)", "[a](https://example.com/../..)", "[a](#part)"] {
            assert!(!complains("docs/a.md", text), "{text}");
        }
    }
}
