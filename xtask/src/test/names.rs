//! Which tests failed, and which passed only when they were tried again, as the test runners print it.

use super::counts::plain;

/// Names of tests, as far as a runner told them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Red at the last try; also what does not compile, and a test program that ended before its tests.
    pub failed: Vec<String>,
    /// Red first, then green.
    pub flaky: Vec<String>,
    /// The list of Playwright's summary that is being read.
    list: Option<List>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Failed,
    Flaky,
}

impl Names {
    /// Notes what a line of output says of a single test: cargo's, Playwright's, Vitest's or Node's.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        match (line.split_once(' '), self.list) {
            (Some((count, "failed")), _) if is_number(count) => self.list = Some(List::Failed),
            (Some((count, "flaky")), _) if is_number(count) => self.list = Some(List::Flaky),
            (_, Some(List::Failed)) if line.starts_with('[') => self.fail(line),
            (_, Some(List::Flaky)) if line.starts_with('[') => self.mend(line),
            _ => {
                self.list = None;
                self.read_single(line);
            }
        }
    }

    fn read_single(&mut self, line: &str) {
        let cargo = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
        let rerun = line.strip_prefix("error: test failed, to rerun pass ");
        let uncompiled = line.strip_prefix("error: could not compile ").map(|_| line);
        let tap = line.strip_prefix("not ok ").filter(|rest| !rest.contains(" # TODO"));
        let tap = tap.and_then(|rest| rest.split_once(" - ")).map(|(_, name)| name);
        let marked = ["FAIL ", "×", "✖"].iter().find_map(|mark| line.strip_prefix(mark));
        let marked = marked.filter(|rest| *rest != " failing tests:");
        // Playwright numbers its lines.
        let numbered = |mark| line.strip_prefix(mark).and_then(|rest: &str| rest.trim_start().split_once(' '));
        if let Some((_, name)) = numbered("✘") {
            self.fail(name);
        } else if let Some((_, name)) = numbered("✓").filter(|(_, name)| name.contains(" (retry #")) {
            self.mend(name);
        } else if let Some(name) = cargo.or(rerun).or(uncompiled).or(tap).or(marked) {
            self.fail(name);
        }
    }

    /// The names of another stream of the same run.
    pub fn add(&mut self, other: Self) {
        other.failed.iter().for_each(|name| self.fail(name));
        other.flaky.iter().for_each(|name| self.mend(name));
    }

    fn fail(&mut self, name: &str) {
        let name = bare(name);
        // Vitest tells the last part of a name first.
        self.failed.retain(|known| !name.ends_with(&format!(" > {known}")));
        if !self.failed.contains(&name) {
            self.failed.push(name);
        }
    }

    fn mend(&mut self, name: &str) {
        let name = bare(name);
        self.failed.retain(|known| *known != name);
        if !self.flaky.contains(&name) {
            self.flaky.push(name);
        }
    }
}

/// A name without the rule that Playwright draws behind it, the number of the try, and the time it took.
fn bare(name: &str) -> String {
    let name = name.trim_end_matches('─').trim();
    let is_time = |word: &&str| {
        let word = word.trim_start_matches('(').trim_end_matches(')');
        let number = word.trim_end_matches(['h', 'm', 's']);
        number != word && number.parse::<f32>().is_ok()
    };
    let name = name.rsplit_once(' ').filter(|(_, last)| is_time(last)).map_or(name, |(rest, _)| rest);
    name.split(" (retry #").next().unwrap_or(name).to_owned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cut from real runs: cargo 1.95, Playwright 1.65, Vitest 4.1, Node 20 and 22.
    #[test]
    fn each_runners_names_are_understood() {
        let nothing: &[&str] = &[];
        for (output, failed, flaky) in [
            (
                "test code::tests::a_name ... ok\ntest code::tests::another ... FAILED\n",
                &["code::tests::another"][..],
                nothing,
            ),
            (
                "test src/lib.rs - parse (line 3) ... FAILED\ntest result: FAILED. 0 passed; 1 failed",
                &["src/lib.rs - parse (line 3)"],
                nothing,
            ),
            ("error: test failed, to rerun pass `-p tests --test faults`", &["`-p tests --test faults`"], nothing),
            (
                "error: could not compile `tests` (test \"faults\") due to 1 previous error",
                &["error: could not compile `tests` (test \"faults\") due to 1 previous error"],
                nothing,
            ),
            (
                "  ✘  1 [tests] › a.test.ts:4:1 › a group › always fails (29ms)\n\
                 \u{20} ✘  2 [tests] › a.test.ts:4:1 › a group › always fails (retry #1) (1.5m)\n\
                 \u{20} ✓  5 [tests] › a.test.ts:6:1 › a group › passes (42ms)",
                &["[tests] › a.test.ts:4:1 › a group › always fails"],
                nothing,
            ),
            (
                "  ✘  3 [tests] › a.test.ts:5:1 › a group › second try (48ms)\n\
                 \u{20} ✓  4 [tests] › a.test.ts:5:1 › a group › second try (retry #1) (25ms)",
                nothing,
                &["[tests] › a.test.ts:5:1 › a group › second try"],
            ),
            (
                "  1 failed\n    [tests] › a.test.ts:4:1 › a group › always fails ────────\n\
                 \u{20} 1 flaky\n    [tests] › a.test.ts:5:1 › a group › second try ─────────\n\
                 \u{20} 1 skipped\n  1 passed (6.8s)\n    [tests] › no longer a list",
                &["[tests] › a.test.ts:4:1 › a group › always fails"],
                &["[tests] › a.test.ts:5:1 › a group › second try"],
            ),
            (
                "\u{1b}[31m     \u{1b}[31m×\u{1b}[31m fails here\u{1b}[39m\u{1b}[32m 23\u{1b}[2mms\u{1b}[22m\u{1b}[39m\n\
                 \u{1b}[41m\u{1b}[1m FAIL \u{1b}[22m\u{1b}[49m a.test.ts\u{1b}[2m > \u{1b}[22ma group\u{1b}[2m > \u{1b}[22mfails here\n\
                 \u{1b}[41m\u{1b}[1m FAIL \u{1b}[22m\u{1b}[49m b.test.ts\u{1b}[2m [ b.test.ts ]\u{1b}[22m",
                &["a.test.ts > a group > fails here", "b.test.ts [ b.test.ts ]"],
                nothing,
            ),
            (
                "# Subtest: inner\n    not ok 1 - inner fails 3 times in 2\n    ok 2 - passes\nnot ok 3 - later # TODO",
                &["inner fails 3 times in 2"],
                nothing,
            ),
            ("✖ top fails (2.771036ms)\n\n✖ failing tests:\n\n✖ top fails (2.771036ms)", &["top fails"], nothing),
        ] {
            let mut names = Names::default();
            output.lines().for_each(|line| names.read(line));
            assert_eq!(names.failed, failed, "{output}");
            assert_eq!(names.flaky, flaky, "{output}");
        }
    }

    #[test]
    fn two_streams_of_a_run_are_one() {
        let of = |failed: &[&str], flaky: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
            Names { failed: owned(failed), flaky: owned(flaky), list: None }
        };
        let mut names = of(&["a", "b"], &["c"]);
        names.add(of(&["a", "d"], &["b", "c"]));
        assert_eq!(names, of(&["a", "d"], &["c", "b"]));
    }
}
