//! Rules on single files: length, names, a first line that says what it is, no conditional code in the core.

use super::{Complaints, Source};

/// The longest file that one still reads whole, tests apart. Measured on projects we admire: their 90th percentile.
const MAX_LINES: usize = 400;

/// Names under which anything at all ends up.
const EMPTY_NAMES: &[&str] = &["util", "common", "helper", "manager", "misc"];

/// Attributes that would make the core behave differently from one build to the other.
const CONDITIONS: &[&str] = &[
    "cfg(target",
    "cfg(feature",
    "cfg!(target",
    "cfg!(feature",
    "cfg(not(target",
    "cfg(not(feature",
    "cfg_attr(target",
];

/// Checks every file.
pub fn check(sources: &[Source]) -> Complaints {
    sources
        .iter()
        .flat_map(|source| [length(source), name(source), doc(source), condition(source)].into_iter().flatten())
        .collect()
}

fn length(source: &Source) -> Option<String> {
    let is_code =
        ["rs", "ts", "tsx", "mjs", "js", "css"].iter().any(|ending| source.path.ends_with(&format!(".{ending}")));
    let is_generated = source.path.ends_with(".d.ts");
    if !is_code || is_generated || is_test(&source.path) {
        return None;
    }
    let lines = source.text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    (MAX_LINES < lines).then(|| format!("{}: {lines} lines, at most {MAX_LINES}: split it by subject", source.path))
}

/// The black-box tests, and test modules in files of their own.
fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("tests.rs") || path.contains("/tests/") || path.contains(".test.")
}

fn name(source: &Source) -> Option<String> {
    let part = source.path.split(['/', '.']).find(|part| EMPTY_NAMES.iter().any(|empty| part.starts_with(empty)))?;
    Some(format!("{}: `{part}` says nothing: name it after what it holds", source.path))
}

fn doc(source: &Source) -> Option<String> {
    let is_documented = source.text.trim_start().starts_with("//!");
    (source.path.ends_with(".rs") && !is_documented)
        .then(|| format!("{}: no `//!` that says what the file does", source.path))
}

fn condition(source: &Source) -> Option<String> {
    let is_core = source.path.starts_with("shared/") && !source.path.starts_with("shared/runtime-");
    let found = CONDITIONS.iter().find(|condition| source.text.contains(**condition))?;
    (is_core && source.path.ends_with(".rs")).then(|| {
        format!("{}: `{found}…`: the core is the same everywhere, what differs belongs in a runtime crate", source.path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    fn complaints(path: &str, text: &str) -> usize {
        check(&sources(&[(path, text)])).len()
    }

    #[test]
    fn long_files_are_refused_and_their_tests_do_not_count() {
        let lines = |n: usize| format!("//! x\n{}", "let x;\n".repeat(n));
        assert_eq!(complaints("shared/wire/src/neon.rs", &lines(399)), 0);
        assert_eq!(complaints("shared/wire/src/neon.rs", &lines(400)), 1);
        assert_eq!(complaints("static/src/first/a.tsx", &lines(400)), 1);
        assert_eq!(complaints("stack/src/lib.rs", &lines(400)), 1);
        assert_eq!(complaints("tests/contract/sessions.rs", &lines(400)), 0);
        assert_eq!(complaints("shared/wire/src/neon/tests.rs", &lines(400)), 0);
        assert_eq!(complaints("shared/wire/src/neon.rs", &format!("{}#[cfg(test)]\n{}", lines(300), lines(300))), 0);
    }

    #[test]
    fn empty_names_are_refused() {
        for path in
            ["shared/utils/src/a.rs", "xtask/src/helpers.rs", "static/src/common.ts", "shared/api/src/manager.rs"]
        {
            assert_eq!(complaints(path, "//! x\n"), 1, "{path}");
        }
    }

    #[test]
    fn a_file_says_what_it_does() {
        assert_eq!(complaints("xtask/src/a.rs", "use std::fs;\n"), 1);
    }

    #[test]
    fn the_core_has_no_conditions() {
        let text = "//! x\n#[cfg(target_arch = \"wasm32\")]\nfn x() {}\n";
        assert_eq!(complaints("shared/api/src/a.rs", text), 1);
        assert_eq!(complaints("shared/application/src/a.rs", "//! x\n#[cfg(feature = \"spin\")]\n"), 1);
        assert_eq!(complaints("shared/runtime-workers/src/a.rs", text), 0);
    }
}
