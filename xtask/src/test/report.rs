//! What a suite's output tells: how many tests passed, which failed, and which passed only when they were tried again.

use std::time::Instant;

/// As far as a run's lines have told it.
#[derive(Debug, Default)]
pub struct Report {
    /// Green tests.
    pub passed: u32,
    /// Red ones.
    pub failed: u32,
    /// The names of the red ones; also what does not compile, and a test program that ended before its tests.
    pub red: Vec<String>,
    /// The names of those that were red first, then green.
    pub flaky: Vec<String>,
    /// How the first of them failed: the beginning of each complaint, cut short.
    pub complaints: Vec<String>,
    /// When cargo had compiled what it then runs.
    pub compiled: Option<Instant>,
    /// The list of Playwright's summary that is being read.
    list: Option<List>,
    /// How many lines the complaint that is being read may still have.
    lines: usize,
    /// Whether that complaint is a panic's.
    in_panic: bool,
}

/// How many complaints are kept, of how many lines, of how many characters each.
const COMPLAINTS: (usize, usize, usize) = (6, 8, 600);

/// Whether a line is of what follows an assertion's words: where it was said, its code, what was tried until then, or the next test.
fn ends_a_complaint(line: &str) -> bool {
    let code = line.strip_prefix('>').unwrap_or(line).trim_start();
    let numbered = code.split_once('|').is_some_and(|(number, _)| {
        let number = number.trim();
        !number.is_empty() && number.chars().all(|sign| sign.is_ascii_digit())
    });
    numbered
        || ["at ", "❯", "Call log:", "note: run with ", "stack backtrace:", "Error Context:", "✓", "✘", "["]
            .iter()
            .any(|start| line.starts_with(start))
}

#[derive(Clone, Copy, Debug)]
enum List {
    Red,
    Flaky,
}

impl Report {
    /// Of a run of which only this is known.
    pub fn of(passed: u32, failed: u32) -> Self {
        Self { passed, failed, ..Self::default() }
    }

    /// Understands a line of cargo's, Playwright's, Vitest's or Node's.
    pub fn read(&mut self, line: &str) {
        let plain = plain(line);
        let line = plain.trim();
        self.listen(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let list = self.list.take();
        match (words.as_slice(), list) {
            (["Finished", profile, ..], _) if profile.starts_with('`') => self.compiled = Some(Instant::now()),
            (["test", "result:", _, rest @ ..] | ["Tests", rest @ ..], _) => self.pairs(rest),
            ([count, "passed"], _) => self.passed += number(count),
            ([count, "passed", time], _) if time.starts_with('(') => self.passed += number(count),
            (["#" | "ℹ", "pass", count], _) => self.passed += number(count),
            (["#" | "ℹ", "fail" | "cancelled", count], _) => self.failed += number(count),
            ([count, "failed"], _) if number(count) != 0 => {
                self.failed += number(count);
                self.list = Some(List::Red);
            }
            ([count, "flaky"], _) if number(count) != 0 => {
                self.passed += number(count);
                self.list = Some(List::Flaky);
            }
            ([project, ..], Some(list)) if project.starts_with('[') => {
                self.list = Some(list);
                match list {
                    List::Red => self.fail(line),
                    List::Flaky => self.mend(line),
                }
            }
            _ => self.single(line),
        }
    }

    /// Keeps a panic's words up to an empty line, and an assertion's with what it expected and received, which empty lines part.
    fn listen(&mut self, line: &str) {
        let (complaints, lines, characters) = COMPLAINTS;
        let panics = line.contains(" panicked at ");
        let begins = panics || line.starts_with("Error: ") || line.starts_with("AssertionError");
        if begins && self.lines == 0 && self.complaints.len() < complaints {
            self.lines = lines;
            self.in_panic = panics;
            self.complaints.push(String::new());
        }
        if line.is_empty() && !self.in_panic {
            return;
        }
        if line.is_empty() || ends_a_complaint(line) {
            self.lines = 0;
        }
        if let (Some(complaint), 1..) = (self.complaints.last_mut(), self.lines) {
            self.lines -= 1;
            complaint.extend(line.chars().take(characters));
            complaint.push('\n');
        }
    }

    /// `31 passed; 0 failed; …` or `2 failed | 5 passed (7)`.
    fn pairs(&mut self, words: &[&str]) {
        for pair in words.windows(2) {
            match pair {
                [count, "passed" | "passed;"] => self.passed += number(count),
                [count, "failed" | "failed;"] => self.failed += number(count),
                _ => {}
            }
        }
    }

    /// A line about one test.
    fn single(&mut self, line: &str) {
        let cargo = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
        let rerun = line.strip_prefix("error: test failed, to rerun pass ");
        let uncompiled = line.starts_with("error: could not compile ").then_some(line);
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

    fn fail(&mut self, name: &str) {
        let name = bare(name);
        // Vitest tells the last part of a name first.
        self.red.retain(|known| !name.ends_with(&format!(" > {known}")));
        if !self.red.contains(&name) {
            self.red.push(name);
        }
    }

    fn mend(&mut self, name: &str) {
        let name = bare(name);
        self.red.retain(|known| *known != name);
        if !self.flaky.contains(&name) {
            self.flaky.push(name);
        }
    }

    /// The red tests, as cargo names them: without the programs that they are in, and without what does not compile.
    pub fn red_tests(&self) -> Vec<String> {
        self.red.iter().filter(|name| !name.contains([' ', '`'])).cloned().collect()
    }

    /// Those that were red were green when they were tried again, all of them.
    pub fn mend_all(&mut self, names: &[String]) {
        self.red.clear();
        names.iter().for_each(|name| self.mend(name));
        self.passed += std::mem::take(&mut self.failed);
    }

    /// Adds what another stream of the same run told.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        other.red.iter().for_each(|name| self.fail(name));
        other.flaky.iter().for_each(|name| self.mend(name));
        self.complaints.extend(other.complaints);
        self.compiled = self.compiled.or(other.compiled);
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

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_found_red_can_be_tried_again_by_name() {
        let mut report = Report::default();
        for line in [
            "test resume::a_name ... FAILED",
            "test stop::another ... ok",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            "error: test failed, to rerun pass `-p tests --test turns`",
        ] {
            report.read(line);
        }
        let names = report.red_tests();
        assert_eq!(names, ["resume::a_name"]);
        report.mend_all(&names);
        assert_eq!((report.passed, report.failed, report.red, report.flaky), (2, 0, Vec::new(), names));
    }

    #[test]
    fn each_runners_summary_is_understood() {
        for (output, passed, failed) in [
            ("test result: ok. 31 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s", 31, 0),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 3, 2),
            ("  5 passed (12.3s)", 5, 0),
            ("  1 failed", 0, 1),
            ("  1 flaky", 1, 0),
            (
                " \u{1b}[2m     Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m2 failed\u{1b}[39m | \u{1b}[32m5 passed\u{1b}[39m (7)",
                5,
                2,
            ),
            ("# pass 12", 12, 0),
            ("ℹ fail 1", 0, 1),
            ("test a_name_with_passed ... ok", 0, 0),
        ] {
            let mut report = Report::default();
            report.read(output);
            assert_eq!((report.passed, report.failed), (passed, failed), "{output}");
        }
    }

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
            let mut report = Report::default();
            output.lines().for_each(|line| report.read(line));
            assert_eq!(report.red, failed, "{output}");
            assert_eq!(report.flaky, flaky, "{output}");
        }
    }

    /// Cut from real runs: cargo 1.95, Playwright 1.65.
    #[test]
    fn the_words_of_a_failure_are_kept() {
        let output = "thread 'a::b' (7) panicked at tests/a.rs:3:5:\nround 4: 2 leases\nstack backtrace:\nnote: run with `RUST_BACKTRACE=1`\n\
                      other words\n\n    Error: expect(received).toEqual(expected)\n\n    - Array []\n    + Array [\n    +   0.002,\n    + ]\n\n      \
                      130 |   not these\n\n    > 131 |   nor these\n\nAssertionError: expected 1 to be 2\n\n- 2\n+ 1\n\n ❯ a.test.ts:3:4\n";
        let mut report = Report::default();
        output.lines().for_each(|line| report.read(line));
        let words = [
            "thread 'a::b' (7) panicked at tests/a.rs:3:5:\nround 4: 2 leases\n",
            "Error: expect(received).toEqual(expected)\n- Array []\n+ Array [\n+   0.002,\n+ ]\n",
            "AssertionError: expected 1 to be 2\n- 2\n+ 1\n",
        ];
        assert_eq!(report.complaints, words);
    }

    #[test]
    fn two_streams_of_a_run_are_one() {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let of = |red: &[&str], flaky: &[&str]| Report {
            red: owned(red),
            flaky: owned(flaky),
            passed: 2,
            ..Report::default()
        };
        let mut report = of(&["a", "b"], &["c"]);
        report.add(of(&["a", "d"], &["b", "c"]));
        assert_eq!((report.red, report.flaky, report.passed), (owned(&["a", "d"]), owned(&["c", "b"]), 4));
    }
}
