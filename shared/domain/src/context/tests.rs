//! A document within its bounds and beyond them, and what of it is sent.

use super::*;

fn task(title: &str, status: TaskStatus) -> Task {
    Task { title: title.to_owned(), status, due: None }
}

#[test]
fn a_document_beyond_its_bounds_is_refused_where_it_is() {
    let long = |chars| "x".repeat(chars);
    let wide = || "\u{1F600}".repeat(TITLE_CHARS);
    let too_long = |chars, max| ContextFault::TooLong { chars, max };
    for (said, field, fault) in [
        (
            UserContext { instructions: Some(long(1_001)), ..UserContext::default() },
            "instructions",
            too_long(1_001, 1_000),
        ),
        (
            UserContext { language: Some(long(101)), ..UserContext::default() },
            "preferences.language",
            too_long(101, 100),
        ),
        (UserContext { tone: Some(long(101)), ..UserContext::default() }, "preferences.tone", too_long(101, 100)),
        (UserContext { name: Some(long(101)), ..UserContext::default() }, "preferences.name", too_long(101, 100)),
        (
            UserContext {
                tasks: vec![task("a", TaskStatus::Open), task(&long(201), TaskStatus::Open)],
                ..UserContext::default()
            },
            "tasks[1].title",
            too_long(201, 200),
        ),
        (
            UserContext { tasks: vec![task(" \u{200b}", TaskStatus::Open)], ..UserContext::default() },
            "tasks[0].title",
            ContextFault::Blank,
        ),
        (
            UserContext { tasks: vec![task("a", TaskStatus::Open); 51], ..UserContext::default() },
            "tasks",
            ContextFault::TooMany { max: 50 },
        ),
        (
            UserContext { groups: vec![long(1); 21], ..UserContext::default() },
            "groups",
            ContextFault::TooMany { max: 20 },
        ),
        (UserContext { groups: vec![long(101)], ..UserContext::default() }, "groups[0].name", too_long(101, 100)),
        (
            UserContext { tasks: vec![task(&wide(), TaskStatus::Open); 13], ..UserContext::default() },
            "tasks",
            ContextFault::TooLarge { bytes: 10_400, max: 10_000 },
        ),
    ] {
        assert_eq!(said.checked(), Err(ContextError { field: field.to_owned(), fault }));
    }
    let widest = UserContext { tasks: vec![task(&wide(), TaskStatus::Open); 12], ..UserContext::default() };
    assert!(widest.checked().is_ok());
}

#[test]
fn what_cannot_be_seen_is_not_there_and_names_are_lines() {
    let said = UserContext {
        instructions: Some(" a\r\nb\0\u{1b} ".to_owned()),
        language: Some("\u{200b}".to_owned()),
        tone: Some("dry\nand\u{2028}short".to_owned()),
        ..UserContext::default()
    };
    let kept = said.checked().unwrap();
    assert_eq!((kept.instructions.as_deref(), kept.language.as_deref()), (Some("a\nb"), None));
    assert_eq!(kept.tone.as_deref(), Some("dry and short"));
    assert_eq!(UserContext::default().checked().unwrap().sent(), SentContext::default());
}

#[test]
fn a_day_is_one_of_the_calendar() {
    assert_eq!(Task::due("2028-02-29"), Some(Date::constant(2028, 2, 29)));
    for text in ["", "2026-02-29", "2026-13-01", "2026-1-1", "2026-12-311", "+026-12-31", "2026/12/31", "２０26-12"] {
        assert_eq!(Task::due(text), None, "{text}");
    }
}

#[test]
fn the_data_are_one_line_of_json() {
    let said = UserContext {
        name: Some("Jo \"`\\".to_owned()),
        language: Some("日本語".to_owned()),
        tasks: vec![Task { due: Some(Date::constant(2026, 12, 1)), ..task("write", TaskStatus::Doing) }],
        groups: vec!["4b".to_owned()],
        ..UserContext::default()
    };
    let data = said.sent().data.unwrap();
    let expected = r#"{"preferences":{"name":"Jo \"\u0060\\","language":"日本語"},"tasks":[{"title":"write","status":"doing","due":"2026-12-01"}],"groups":[{"name":"4b"}]}"#;
    assert_eq!(data, expected);
}

#[test]
fn the_oldest_done_task_goes_first_where_there_are_too_many_tokens() {
    let title = |at: usize| format!("{at:03}{}", "x".repeat(197));
    for (of, done, expected) in [
        // About 77 tokens a task: 19 fit.
        (19, vec![], (0..19).collect::<Vec<usize>>()),
        (21, vec![3, 20], (0..20).filter(|at| *at != 3).collect()),
        (21, vec![3, 5, 20], (0..21).filter(|at| ![3, 5].contains(at)).collect()),
        (21, vec![20], (1..20).collect()),
        (21, vec![], (2..21).collect()),
    ] {
        let status = |at: usize| if done.contains(&at) { TaskStatus::Done } else { TaskStatus::Open };
        let tasks = (0..of).map(|at| task(&title(at), status(at))).collect();
        let said = UserContext { tasks, name: Some("Jo".to_owned()), ..UserContext::default() };
        let data = said.sent().data.unwrap();
        assert!(estimated_tokens(&data) <= CONTEXT_TOKENS && data.contains("Jo"), "{data}");
        let kept: Vec<usize> = (0..of).filter(|at| data.contains(&title(*at))).collect();
        assert_eq!(kept, expected, "{of} {done:?}");
    }
    // Without a task that could go, groups do; what the user is called always stays.
    let wide = || "\u{6f22}".repeat(100);
    let said = UserContext {
        name: Some(wide()),
        tone: Some(wide()),
        language: Some(wide()),
        groups: vec![wide(); 20],
        ..UserContext::default()
    };
    let data = said.sent().data.unwrap();
    assert!(
        estimated_tokens(&data) <= CONTEXT_TOKENS && data.contains("tone") && data.matches("{\"name\"").count() > 0,
        "{data}"
    );
}
