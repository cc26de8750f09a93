//! While a version is rolled out, the Worker of the version before runs on the new schema. Here it does: that version is cloned and given this work
//! tree's migrations, and nothing else of it. Its own commands then build its Worker, bring PostgreSQL to this schema, and run its own
//! contract suite, which knows best how it behaved. All that both versions must agree on is the command line of `cargo xtask test`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, anyhow, ensure};

use super::clones;
use crate::project::Project;
use crate::steps;

/// Where every version has its migrations.
const MIGRATIONS: &str = "schema/migrations";

/// The contract's one test that is another on a newer schema: it wants a monitor to be told that the schema is the current one.
const LEFT_OUT: &str = "a_monitor_is_told_in_a_word_what_answers_and_nobody_else_is";

/// Which version.
#[derive(clap::Args)]
pub struct Arguments {
    /// The version before, such as the one that is deployed; without it, the commit before the one with the newest migration. For a migration that
    /// is not committed yet: HEAD.
    #[arg(long, value_name = "COMMIT")]
    from: Option<String>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let before = before(project, arguments.from.as_deref())?;
    let newer = newer(project, &before)?;
    ensure!(
        !newer.is_empty(),
        "{before} has this schema already\n  what to do: name an older version with --from, or none"
    );
    steps::say(&format!("version before: {before}; new for it: {}", newer.join(", ")));
    clones::in_new_folder(|folder| {
        let clone = clones::clone(project, &before, folder.join("before"))?;
        give_migrations(project, &clone)?;
        let mut test = clones::xtask(&clone);
        test.args(["test", "--suite", "contract", "--runtime", "workers", "--stores", "real"]);
        // What `--only` names is handed on to the tests' program as it is.
        test.arg(format!("--only=--skip={LEFT_OUT}"));
        let hint = "if a test of the version before fails on this schema only, the migration takes from it what it still needs: split it, and \
                    take that away a version later";
        steps::aloud("contract suite of the version before, on this schema", hint, &mut test)
    })?;
    steps::say(&format!("{before} goes on with this schema; left out, since it wants its own: {LEFT_OUT}"));
    Ok(())
}

/// The commit, by its whole name.
fn before(project: &Project, from: Option<&str>) -> Result<String> {
    let named = match from {
        Some(commit) => commit.to_owned(),
        None => {
            let words = ["log", "--diff-filter=A", "--format=%H", "--max-count=1", "--", MIGRATIONS];
            let newest = clones::git(project, &words)?;
            ensure!(!newest.is_empty(), "no commit has added a migration\n  what to do: name a version with --from");
            format!("{newest}^")
        }
    };
    clones::git(project, &["rev-parse", "--verify", &format!("{named}^{{commit}}")]).map_err(|error| {
        anyhow!(
            "{error:#}\n  what to do: fetch the whole history (`git fetch --unshallow`), or name a version with --from"
        )
    })
}

/// The migrations that the version before does not have.
fn newer(project: &Project, before: &str) -> Result<Vec<String>> {
    let folder = format!("{MIGRATIONS}/");
    let then = clones::git(project, &["ls-tree", "--name-only", before, &folder])?;
    let then: BTreeSet<&str> = then.lines().filter_map(|path| path.strip_prefix(&folder)).collect();
    let mut newer = Vec::new();
    for entry in fs::read_dir(project.path(MIGRATIONS)).context("reading schema/migrations")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        newer.extend(name.strip_suffix(".up.sql").filter(|_| !then.contains(name.as_str())).map(str::to_owned));
    }
    newer.sort();
    Ok(newer)
}

/// In the place of its own.
fn give_migrations(project: &Project, clone: &Project) -> Result<()> {
    let place = clone.path(MIGRATIONS);
    fs::remove_dir_all(&place).with_context(|| format!("removing {}", place.display()))?;
    fs::create_dir(&place)?;
    for entry in fs::read_dir(project.path(MIGRATIONS))? {
        let entry = entry?;
        fs::copy(entry.path(), place.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_a_test_of_the_contract() {
        let tests = include_str!("../../../tests/contract/health.rs");
        assert!(tests.contains(&format!("async fn {LEFT_OUT}()")), "it has another name: {LEFT_OUT}");
    }
}
