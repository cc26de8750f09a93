//! Recorded answers of stores, told again: a file has a name and a body in each line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use platform::{HttpClient, HttpError};

/// A store that has one answer.
pub(crate) struct Recorded {
    body: String,
    asked: RefCell<String>,
}

impl Recorded {
    /// The answer `name` of a file.
    pub fn named(file: &str, name: &str) -> Rc<Self> {
        let named = |line: &str| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
        Self::of(file.lines().find_map(named).unwrap_or_else(|| panic!("no answer {name} was recorded")))
    }

    pub fn of(body: String) -> Rc<Self> {
        Rc::new(Self { body, asked: RefCell::default() })
    }

    pub fn body(&self) -> &str {
        &self.body
    }

    /// What was sent.
    pub fn sent(&self) -> String {
        self.asked.borrow().clone()
    }

    /// The statement or script that was asked: what was sent began with its name and had no other comment.
    pub fn asked(&self) -> String {
        let asked = self.asked.borrow();
        let comments: Vec<&str> = asked.split("-- ").skip(1).collect();
        assert_eq!(comments.len(), 1, "comments have travelled: {asked}");
        comments[0].split_once(r"\n").expect("the end of the name").0.to_owned()
    }
}

#[async_trait(?Send)]
impl HttpClient for Recorded {
    async fn send(&self, request: http::Request<Bytes>, _: Duration) -> Result<http::Response<Bytes>, HttpError> {
        *self.asked.borrow_mut() = String::from_utf8(request.body().to_vec()).unwrap();
        Ok(http::Response::new(Bytes::from(self.body.clone())))
    }
}

/// A server that answers one call after the other, or fails.
pub(crate) struct Server {
    outcomes: RefCell<VecDeque<Result<http::Response<Bytes>, HttpError>>>,
}

impl Server {
    pub fn with(outcomes: impl IntoIterator<Item = Result<(u16, String), HttpError>>) -> Rc<Self> {
        let response = |(status, body)| http::Response::builder().status(status).body(Bytes::from(body)).unwrap();
        let outcomes = outcomes.into_iter().map(|outcome| outcome.map(response)).collect();
        Rc::new(Self { outcomes: RefCell::new(outcomes) })
    }

    /// How many calls it would still answer.
    pub fn left(&self) -> usize {
        self.outcomes.borrow().len()
    }
}

#[async_trait(?Send)]
impl HttpClient for Server {
    async fn send(&self, _: http::Request<Bytes>, _: Duration) -> Result<http::Response<Bytes>, HttpError> {
        self.outcomes.borrow_mut().pop_front().expect("no more calls were expected")
    }
}

/// What a call comes to that has to wait for nothing.
pub(crate) fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("a recorded answer is there at once")
}
