//! What Postgres (PGlite behind the local stack) answered to the statements is read by the names of its columns.

use std::rc::Rc;
use std::time::Duration;

use domain::{
    AnswerEnd, AnswerTimes, BeginOutcome, Beginning, Ending, Message, MessageId, MessageRole, MessageStatus,
    MessageText, NewTurn, RequestId, Role, SentContext, Session, SessionCap, SessionId, StorageUse, User, UserId,
};
use jiff::Timestamp;
use platform::HttpError;
use wire::neon::SqlError;

use super::*;
use crate::StoreError;
use crate::fixtures::{Recorded, Server, now};

const TIMEOUT: Duration = Duration::from_secs(2);
const BOUNDS: BranchBounds = BranchBounds { texts: 20, bytes: 18_000 };

fn id(number: u64) -> String {
    format!("01900000-0000-7000-8000-{number:012}")
}

fn caller() -> User {
    User::new(user(), Role::Guest)
}

fn user() -> UserId {
    UserId::parse(&id(1)).unwrap()
}

fn session(number: u64) -> SessionId {
    SessionId::parse(&id(number)).unwrap()
}

fn message(number: u64) -> MessageId {
    MessageId::parse(&id(number)).unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-26T14:54:{text}Z").parse().unwrap()
}

fn recorded(name: &str) -> (Rc<Recorded>, Postgres) {
    answering(Recorded::named(include_str!("recorded.txt"), name))
}

fn answering(recorded: Rc<Recorded>) -> (Rc<Recorded>, Postgres) {
    let postgres =
        Postgres::new(recorded.clone(), "http://postgres.example/sql", "postgres://u:p@h.example/db", TIMEOUT);
    (recorded, postgres)
}

fn chosen() -> Option<String> {
    Some("gpt-oss-120b".to_owned())
}

fn greetings() -> Session {
    Session {
        id: session(2),
        title: Some("Grüße".to_owned()),
        model: chosen(),
        pinned: true,
        created_at: at("41.018"),
        updated_at: at("41.041"),
    }
}

fn kept() -> StorageUse {
    StorageUse { user: 431, database: 8_312_835 }
}

fn empty() -> Session {
    let (created_at, updated_at) = (at("41.003"), at("41.003"));
    Session { id: session(3), title: None, model: None, pinned: false, created_at, updated_at }
}

/// The four messages of the session: a whole turn, and one whose instance has died.
fn thread() -> [Message; 4] {
    let message = |number, parent: Option<u64>, role, content: &str, status, second| Message {
        id: message(number),
        session_id: session(2),
        parent_id: parent.map(message),
        role,
        content: content.to_owned(),
        status,
        model: None,
        token_count: None,
        created_at: at(second),
        vote: None,
    };
    let (user, assistant) = (MessageRole::User, MessageRole::Assistant);
    [
        message(10, None, user, "Was heißt „--“?", MessageStatus::Complete, "41.018"),
        Message {
            model: Some("model-2".to_owned()),
            token_count: Some(5),
            ..message(11, Some(10), assistant, "Ein Kommentar.", MessageStatus::Complete, "41.018")
        },
        message(13, Some(11), user, "Mehr", MessageStatus::Complete, "41.041"),
        Message {
            model: Some("model".to_owned()),
            ..message(14, Some(13), assistant, "Meh", MessageStatus::Interrupted, "41.041")
        },
    ]
}

#[test]
fn a_session_is_read_with_its_messages_newest_first() {
    let (sent, postgres) = recorded("read_session");
    let read = now(postgres.read_session(session(2), &caller(), None, 50));
    let messages = thread().into_iter().rev().collect();
    assert_eq!(read, Ok(Some(Thread { session: greetings(), messages, has_older: false, dead: vec![message(14)] })));
    assert_eq!(sent.asked(), "read_session");
    let (_, postgres) = recorded("read_session_empty");
    let read = now(postgres.read_session(session(3), &caller(), None, 50));
    let nothing = Thread { session: empty(), messages: Vec::new(), has_older: false, dead: Vec::new() };
    assert_eq!(read, Ok(Some(nothing)));
}

#[test]
fn messages_are_read_alone_by_the_turn_and_by_the_branch() {
    let [question, answer, _, dead] = thread();
    let (sent, postgres) = recorded("read_message");
    let stored = now(postgres.read_message(session(2), &caller(), message(14)));
    let run = RequestId::parse(&id(15)).unwrap();
    assert_eq!(stored, Ok(Some(StoredMessage { message: dead, is_dead: true, run: Some(run) })));
    assert_eq!(sent.asked(), "read_message");
    let (sent, postgres) = recorded("read_turn");
    assert_eq!(now(postgres.read_turn(message(10), message(11))), Ok((question, answer)));
    assert_eq!(sent.asked(), "read_turn");

    let (sent, postgres) = recorded("open_turn");
    let OpenedTurn { branch: lines, storage, context, model } =
        now(postgres.open_turn(session(2), &caller(), BOUNDS, None)).unwrap().unwrap();
    assert_eq!((storage, model), (kept(), chosen()));
    let data = r#"{"groups":[{"name":"4b"}]}"#.to_owned();
    assert_eq!(context, SentContext { instructions: Some("Be brief.".to_owned()), data: Some(data) });
    for (line, message) in lines.iter().zip(thread()) {
        assert_eq!((line.id, line.parent, line.role), (message.id, message.parent_id, message.role));
        assert_eq!((&line.content, line.status), (&message.content, message.status));
        assert_eq!(line.is_dead, message.status == MessageStatus::Interrupted);
    }
    assert_eq!((lines.len(), sent.asked()), (4, "open_turn".to_owned()));
    let (_, postgres) = recorded("open_turn_empty");
    assert_eq!(
        now(postgres.open_turn(session(3), &caller(), BOUNDS, None)),
        Ok(Some(OpenedTurn { branch: Vec::new(), storage: kept(), context: SentContext::default(), model: None }))
    );
}

#[test]
fn sessions_are_listed_counted_added_changed_and_hidden() {
    let (sent, postgres) = recorded("list_sessions");
    let tag = || "8835af5427bde37eea8c34122fea4833".to_owned();
    let nothing = || SessionPage { tag: tag(), is_known: false, sessions: Vec::new(), total: 2 };
    let page = SessionPage { sessions: vec![greetings(), empty()], ..nothing() };
    assert_eq!(now(postgres.list_sessions(&caller(), 20, 0, String::new())), Ok(page));
    assert_eq!(sent.asked(), "list_sessions");
    let (_, postgres) = recorded("list_sessions_past_the_end");
    assert_eq!(now(postgres.list_sessions(&caller(), 20, 20, String::new())), Ok(nothing()));
    let (sent, postgres) = recorded("list_sessions_known");
    let known = SessionPage { is_known: true, ..nothing() };
    assert_eq!(now(postgres.list_sessions(&caller(), 20, 0, tag())), Ok(known));
    assert!(sent.sent().contains(&tag()));
    let (sent, postgres) = recorded("count_sessions");
    assert_eq!(
        now(postgres.count_sessions(&caller())),
        Ok(SessionCount { sessions: 2, storage: kept(), context: SentContext::default() })
    );
    assert_eq!(sent.asked(), "count_sessions");
    for (name, expected) in [
        ("create_session", Added::Session(empty())),
        ("create_session_too_many", Added::TooMany(SessionCap::All)),
        ("create_session_too_many_empty", Added::TooMany(SessionCap::Empty)),
        ("create_session_no_space", Added::NoSpace),
    ] {
        let (sent, postgres) = recorded(name);
        assert_eq!(now(postgres.create_session(session(3), &caller(), None, Some(1))), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "create_session");
    }
    for (name, expected) in [
        ("change_session", Some(Changed::Session(greetings()))),
        ("change_session_too_many_pinned", Some(Changed::TooManyPinned)),
        ("change_session_deleted_meanwhile", None),
    ] {
        let (sent, postgres) = recorded(name);
        let change = SessionChange { title: None, pinned: Some(true) };
        assert_eq!(now(postgres.change_session(session(2), &caller(), change)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), "change_session");
    }
    let (sent, postgres) = recorded("delete_session");
    let hidden: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(now(postgres.delete_session(session(3), &caller(), hidden)), Ok(Some(hidden)));
    assert_eq!(sent.asked(), "delete_session");
}

#[test]
fn a_turn_is_begun_or_why_not() {
    let text = || MessageText::parse("x", 10).unwrap();
    let new_session = || Beginning::Session { title: "t".to_owned(), text: text() };
    let new_message = || Beginning::Message { title: "t".to_owned(), parent: None, grandparent: None, text: text() };
    for (name, asked, beginning, expected) in [
        ("begin_session", "begin_session", new_session(), BeginOutcome::Written),
        ("begin_session_too_many", "begin_session", new_session(), BeginOutcome::TooManySessions),
        ("begin_answer", "begin_answer", new_message(), BeginOutcome::Written),
        ("begin_answer_session_deleted", "begin_answer", new_message(), BeginOutcome::SessionDeleted),
    ] {
        let (sent, postgres) = recorded(name);
        let turn = NewTurn {
            session: session(2),
            owner: user(),
            question: message(10),
            answer: message(11),
            run: RequestId::parse(&id(12)).unwrap(),
            model: "model".to_owned(),
            chosen: None,
            beginning,
        };
        assert_eq!(now(postgres.begin_turn(&turn)), Ok(expected), "{name}");
        assert_eq!(sent.asked(), asked);
    }
    let (sent, postgres) = recorded("finish_answer");
    let end = AnswerEnd {
        answer: message(11),
        run: None,
        owner: user(),
        text: "x".to_owned(),
        ending: Ending::Complete,
        usage: None,
        model: None,
        times: Some(AnswerTimes { first_byte: 40, whole: 90 }),
        fault: None,
    };
    assert_eq!(now(postgres.finish_answer(&end, Some(1))), Ok(Stored { is_new: true, is_storage_low: true }));
    assert_eq!(sent.asked(), "finish_answer");
}

#[test]
fn an_answer_without_one_of_the_columns_says_which() {
    let (sent, _) = recorded("read_session");
    let columns = [
        "id",
        "title",
        "session_model",
        "pinned",
        "created_at",
        "updated_at",
        "message_id",
        "session_id",
        "parent_id",
        "role",
    ];
    let of_message = ["content", "status", "model", "token_count", "message_created_at", "has_older"];
    for column in columns.into_iter().chain(of_message) {
        let name = |name: &str| format!(r#""name":"{name}""#);
        assert!(sent.body().contains(&name(column)), "{column}");
        let (_, postgres) = answering(Recorded::of(sent.body().replace(&name(column), &name("other"))));
        let read = now(postgres.read_session(session(2), &caller(), None, 50));
        assert_eq!(read, Err(StoreError::Postgres(SqlError::NoColumn(column.to_owned()))));
    }
}

/// However the two come together: a lost connection, and a statement that others have come between.
#[test]
fn a_statement_is_sent_again_after_a_lost_connection_and_where_others_came_between() {
    let counted = || Ok((200, Recorded::named(include_str!("recorded.txt"), "count_sessions").body().to_owned()));
    let lost = || Err(HttpError::Connection("reset".to_owned()));
    let refused = |code: &str| Ok((400, format!(r#"{{"message":"m","code":"{code}"}}"#)));
    let (between, deadlock) = (|| refused("23503"), || refused("40P01"));
    for (outcomes, succeeds) in [
        (vec![counted()], true),
        (vec![lost(), counted()], true),
        (vec![lost(), between(), counted()], true),
        (vec![lost(), deadlock(), lost(), counted()], true),
        (vec![between(), deadlock(), between(), counted()], true),
        (vec![between(), between(), between(), between()], false),
        (vec![lost(), lost()], false),
        (vec![refused("23505")], false),
    ] {
        let words = format!("{outcomes:?}");
        let server = Server::with(outcomes);
        let postgres = Postgres::new(server.clone(), "http://p.example/sql", "postgres://u:p@h.example/db", TIMEOUT);
        let outcome = now(postgres.count_sessions(&caller()));
        assert_eq!((outcome.is_ok(), server.left()), (succeeds, 0), "{words}");
    }
}
