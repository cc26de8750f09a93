//! Two instances of the functions, of which one is killed now and then and another takes its place.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tests::{Answer, Call, Server};

use crate::VARIABLES;

/// One instance.
pub struct Instance {
    pub server: Server,
    killed: Cell<Option<Instant>>,
}

impl Instance {
    async fn start() -> Rc<Self> {
        // All users come from one address, which cannot open the breaker alone, whatever they meet.
        let variables = [&VARIABLES[..], &[("CHAT_BREAKER_FAILURES", "5")]].concat();
        Rc::new(Self { server: Server::started_with(&variables).await, killed: Cell::new(None) })
    }

    /// When it was killed.
    pub fn killed(&self) -> Option<Instant> {
        self.killed.get()
    }
}

/// All that run.
pub struct Instances([RefCell<Rc<Instance>>; 2]);

impl Instances {
    pub async fn start() -> Self {
        Self([RefCell::new(Instance::start().await), RefCell::new(Instance::start().await)])
    }

    /// The instance in a place, or the other one while that place is empty.
    pub fn at(&self, place: usize) -> Rc<Instance> {
        let wanted = self.0[place].borrow().clone();
        if wanted.killed().is_none() { wanted } else { self.0[1 - place].borrow().clone() }
    }

    /// Kills the instance in a place and starts another.
    pub async fn kill(&self, place: usize) {
        let old = self.0[place].borrow().clone();
        old.killed.set(Some(Instant::now()));
        old.server.kill();
        let new = Instance::start().await;
        *self.0[place].borrow_mut() = new;
    }

    /// Makes a call that changes nothing, wherever it is answered. An instance may be killed while it answers, and Redis may
    /// take too long on a busy machine.
    pub async fn ask(&self, call: Call) -> Answer {
        let asked = Instant::now();
        let mut place = 0;
        loop {
            let answer = self.at(place).server.try_send(call.clone()).await;
            match answer {
                Ok(answer) if answer.status != 503 => return answer,
                other => assert!(asked.elapsed() < Duration::from_secs(30), "{}: {other:?}", call.path()),
            }
            place = 1 - place;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
