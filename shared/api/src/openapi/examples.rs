//! An example of each error code, with the words that its clients are told, and the answers that hold them.

use application::accounts::AccountError;
use application::blocks::BlockError;
use application::contexts::ContextKeepError;
use application::shares::ShareError;
use application::{
    MessageError, ModelError, ProviderFault, SendError, SessionError, StoreError, StreamFault, WorkAsked,
};
use domain::{
    DayWindow, MinuteWindow, Pause, Refusal, RefusedBy, RequestId, RunningAnswers, SessionCap, Standing, StorageFull,
    TextError, TitleError,
};
use jiff::{SignedDuration, Timestamp};
use platform::HttpError;
use serde_json::{Map, Value, json};

use super::guide;
use crate::problem::{ErrorCode, OpenAiError, Problem};
use crate::token::TokenError;

/// Answers with an error hold examples, and stand once in the document: each operation points to them.
pub(super) fn say(document: &mut Value) {
    let codes = codes(document);
    let mut shared = Map::new();
    for item in document["paths"].as_object_mut().expect("paths").values_mut() {
        for operation in item.as_object_mut().expect("operations").values_mut() {
            for (class, answer) in operation["responses"].as_object_mut().expect("answers") {
                if class.ends_with("XX") {
                    let name = name(class, answer);
                    shared.entry(name.clone()).or_insert_with(|| with_examples(class, answer.clone(), &codes));
                    *answer = json!({"$ref": format!("#/components/responses/{name}")});
                }
            }
        }
    }
    document["components"]["responses"] = shared.into();
}

fn codes(document: &Value) -> Vec<ErrorCode> {
    let names = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().expect("codes");
    names.iter().map(|name| serde_json::from_value(name.clone()).expect("a code")).collect()
}

/// What an answer is called among those that operations share: by its body, whether it may be a page, and its class.
fn name(class: &str, answer: &Value) -> String {
    let page = if answer["content"]["text/html"].is_null() { "" } else { "OrPage" };
    format!("{}{page}{class}", body(answer))
}

/// The schema of its body.
fn body(answer: &Value) -> String {
    let schema = answer["content"]["application/json"]["schema"]["$ref"].as_str().expect("an error's schema");
    schema.rsplit('/').next().expect("a name").to_owned()
}

fn with_examples(class: &str, mut answer: Value, codes: &[ErrorCode]) -> Value {
    answer["description"] = match class {
        "4XX" => "What the caller can change.",
        "5XX" => "What the caller cannot change.",
        _ => panic!("{class} is no class of errors"),
    }
    .into();
    let is_openai = body(&answer) == "OpenAiError";
    let told: &[ErrorCode] = match is_openai {
        true => &OPENAI,
        false if answer["content"]["text/html"].is_null() => codes,
        false => &OF_A_PAGE,
    };
    let examples = told.iter().filter(|code| class.starts_with(&code.status().as_str()[..1])).map(|code| {
        let value = if is_openai { openai(*code) } else { ours(*code) };
        (code.name().to_owned(), json!({"summary": guide::meaning(*code), "value": value}))
    });
    answer["content"]["application/json"]["examples"] = examples.collect::<Map<_, _>>().into();
    answer
}

/// What may come of a call for clients of OpenAI's API: it keeps no chat, has no account's pages, and takes no part of a browser's ways in.
const OPENAI: [ErrorCode; 26] = [
    ErrorCode::InvalidRequest,
    ErrorCode::UnsupportedParameter,
    ErrorCode::InvalidJson,
    ErrorCode::MessageTooLong,
    ErrorCode::BodyTooLarge,
    ErrorCode::ContextTooLong,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::IdempotencyMismatch,
    ErrorCode::Unauthenticated,
    ErrorCode::TokenExpired,
    ErrorCode::TokenClaimed,
    ErrorCode::ChallengeRequired,
    ErrorCode::Blocked,
    ErrorCode::NotFound,
    ErrorCode::ModelNotFound,
    ErrorCode::RateLimited,
    ErrorCode::QuotaExceeded,
    ErrorCode::BudgetExhausted,
    ErrorCode::Overloaded,
    ErrorCode::ProviderError,
    ErrorCode::ProviderRateLimited,
    ErrorCode::ProviderUnavailable,
    ErrorCode::ProviderTimeout,
    ErrorCode::StorageUnavailable,
    ErrorCode::Misconfigured,
    ErrorCode::Internal,
];

/// What of a page's errors is no page: the chat is off or set up wrongly, or the platform's own counters refuse.
const OF_A_PAGE: [ErrorCode; 3] = [ErrorCode::NotFound, ErrorCode::RateLimited, ErrorCode::Misconfigured];

/// The code of an error that is told as OpenAI's API tells it.
fn openai(code: ErrorCode) -> Value {
    serde_json::to_value(OpenAiError::from(problem(code).detail())).expect("an error")
}

/// An error as this API tells it.
fn ours(code: ErrorCode) -> Value {
    let request = RequestId::new(now(), [0; 10]);
    let told = match code {
        // It is told in a stream alone.
        ErrorCode::NotSaved => serde_json::from_str(&Problem::in_stream(StreamFault::NotSaved, request).1),
        _ => serde_json::to_value(problem(code).view(request)),
    };
    told.expect("an error")
}

/// A noon.
fn now() -> Timestamp {
    Timestamp::from_second(1_796_040_000).expect("a time")
}

fn after(time: SignedDuration) -> Timestamp {
    now().checked_add(time).expect("a time")
}

/// Where somebody stands who has used up all there is.
fn standing() -> Standing {
    Standing {
        minute: MinuteWindow { limit: 20, used: 20, reset_at: after(SignedDuration::from_secs(12)) },
        day: DayWindow { limit: Some(100), used: 100, reset_at: after(SignedDuration::from_hours(12)) },
        answers: RunningAnswers { limit: 3, active: 3 },
        now: now(),
    }
}

fn pause(time: SignedDuration) -> Pause {
    Pause { until: after(time), standing: standing() }
}

fn refused(by: RefusedBy) -> Problem {
    Refusal { by, standing: standing() }.into()
}

/// What each code is told as: the words of one of the errors that have it.
fn problem(code: ErrorCode) -> Problem {
    match code {
        ErrorCode::InvalidRequest => TitleError::Blank.into(),
        ErrorCode::UnsupportedParameter => Problem::unsupported_parameter("tools"),
        ErrorCode::InvalidJson => Problem::several_values(),
        ErrorCode::MessageTooLong => TextError::TooLong { chars: 4012, max: 4000 }.into(),
        ErrorCode::BodyTooLarge => Problem::body_too_large(65_536),
        ErrorCode::ContextTooLong => ModelError::ContextTooLong(String::new()).into(),
        ErrorCode::UnsupportedMediaType => Problem::unsupported_media_type(),
        ErrorCode::IdempotencyMismatch => SendError::KeyUsedOtherwise.into(),
        ErrorCode::Unauthenticated => Problem::unauthenticated(""),
        ErrorCode::TokenExpired => TokenError::Expired.into(),
        ErrorCode::TokenClaimed => StoreError::TokenClaimed.into(),
        ErrorCode::WrongCredentials => AccountError::WrongCredentials.into(),
        ErrorCode::ChallengeRequired => WorkAsked { challenge: "a text".to_owned(), bits: 17 }.into(),
        ErrorCode::StorageFull => StorageFull::User { limit: 20_000_000 }.into(),
        ErrorCode::Forbidden => AccountError::NoAccount.into(),
        ErrorCode::Blocked => StoreError::Blocked.into(),
        ErrorCode::IsAdmin => BlockError::IsAdmin.into(),
        ErrorCode::ReauthenticationRequired => AccountError::NotFresh.into(),
        ErrorCode::NotFound => MessageError::NoSuchMessage.into(),
        ErrorCode::SessionNotFound => SessionError::NoSuchSession.into(),
        ErrorCode::ModelNotFound => Problem::no_such_model(),
        ErrorCode::MethodNotAllowed => Problem::method_not_allowed("GET"),
        ErrorCode::GenerationInProgress => SendError::InProgress.into(),
        ErrorCode::LoginTaken => AccountError::LoginTaken.into(),
        ErrorCode::ChallengeUsed => AccountError::ChallengeUsed.into(),
        ErrorCode::EmailTaken => AccountError::AddressTaken.into(),
        ErrorCode::PasskeyTaken => AccountError::PasskeyTaken.into(),
        ErrorCode::TooManyPasskeys => AccountError::TooManyPasskeys.into(),
        ErrorCode::TooManyApiKeys => AccountError::TooManyApiKeys.into(),
        ErrorCode::LastWayIn => AccountError::LastWayIn.into(),
        ErrorCode::SignInExpired => AccountError::SignInExpired.into(),
        ErrorCode::SignInDenied => AccountError::SignInDenied.into(),
        ErrorCode::SignInFailed => ProviderFault::NoCode.into(),
        ErrorCode::IdentityTaken => AccountError::IdentityTaken.into(),
        ErrorCode::TooManyIdentities => AccountError::TooManyIdentities.into(),
        ErrorCode::TooManySessions => SessionCap::All.into(),
        ErrorCode::TooManyPinned => SessionError::TooManyPinned.into(),
        ErrorCode::TooManyShares => ShareError::TooMany.into(),
        ErrorCode::StaleRevision => ShareError::Stale.into(),
        ErrorCode::PreconditionFailed => ContextKeepError::Changed.into(),
        ErrorCode::Gone => SessionError::Gone.into(),
        ErrorCode::Used => AccountError::LinkUsed.into(),
        ErrorCode::RateLimited => refused(RefusedBy::Minute),
        ErrorCode::QuotaExceeded => refused(RefusedBy::Day),
        ErrorCode::BudgetExhausted => SendError::BudgetUsedUp(pause(SignedDuration::from_mins(20))).into(),
        ErrorCode::Overloaded => SendError::Overloaded(pause(SignedDuration::from_secs(5))).into(),
        ErrorCode::ProviderError => ModelError::Empty.into(),
        ErrorCode::ProviderRateLimited => Problem::model_busy(5),
        ErrorCode::ProviderUnavailable => SendError::Paused(pause(SignedDuration::from_secs(30))).into(),
        ErrorCode::ProviderTimeout => ModelError::Timeout(30).into(),
        ErrorCode::StorageUnavailable => {
            StoreError::Unreachable { store: "postgres", cause: HttpError::Connection(String::new()) }.into()
        }
        ErrorCode::NotSaved => Problem::broken_off(),
        ErrorCode::Misconfigured => Problem::misconfigured(String::new()),
        ErrorCode::NotSupported => Problem::no_sockets(),
        ErrorCode::Internal => Problem::internal(""),
    }
}

#[test]
fn each_code_has_an_example_that_is_told_with_it() {
    for code in codes(&super::document()) {
        assert_eq!(ours(code)["error"]["code"], code.name());
    }
    for code in OPENAI {
        assert_eq!(problem(code).code(), code);
    }
}

#[test]
fn every_answer_with_an_error_holds_the_examples_of_its_class() {
    let document = super::document();
    for (_, path, operation) in super::operations(&document) {
        for class in ["4XX", "5XX"] {
            let Some(answer) = operation["responses"].get(class) else { continue };
            let place = answer["$ref"].as_str().unwrap_or_else(|| panic!("{path} has its own {class}"));
            let shared = document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place}"));
            let examples = shared["content"]["application/json"]["examples"].as_object().expect("examples");
            assert!(!examples.is_empty(), "{place}");
            for name in examples.keys() {
                let code: ErrorCode = serde_json::from_value(name.as_str().into()).expect("a code");
                assert!(class.starts_with(&code.status().as_str()[..1]), "{name} in {place}");
            }
        }
    }
}
