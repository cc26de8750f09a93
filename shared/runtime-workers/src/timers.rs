//! Sleeping, many times at once, on one `setTimeout` at a time.
//!
//! Nearly every wait of a request is a deadline that never comes. A `setTimeout` and a `clearTimeout` for each were 28 calls of the runtime in
//! a message (docs/performance.md).

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, millis: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timeout: &JsValue);
}

/// The sleepers of one request. The runtime lets no timer go from one request to another.
#[derive(Clone, Default)]
pub(crate) struct Timers {
    queue: Rc<RefCell<Queue>>,
}

#[derive(Default)]
struct Queue {
    /// A handful.
    sleepers: Vec<Sleeper>,
    last: u64,
    /// The timeout that will come, and when: not after the first sleeper wakes, often long before.
    armed: Option<(u64, JsValue)>,
    callback: Option<Closure<dyn FnMut()>>,
}

impl Timers {
    /// Resolves once `duration` has passed since it was first polled, never before.
    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { queue: Rc::clone(&self.queue), duration, number: None }
    }
}

struct Sleeper {
    number: u64,
    /// When it wakes, in milliseconds of `Date.now`.
    at: u64,
    waker: Waker,
}

/// A wait.
pub(crate) struct Sleep {
    queue: Rc<RefCell<Queue>>,
    duration: Duration,
    /// Which sleeper it is, once it has begun.
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut queue = this.queue.borrow_mut();
        match this.number {
            None => {
                queue.last += 1;
                let millis = u64::try_from(this.duration.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
                let (number, at) = (queue.last, now().saturating_add(millis));
                queue.sleepers.push(Sleeper { number, at, waker: context.waker().clone() });
                this.number = Some(number);
                queue.arm(&this.queue);
                Poll::Pending
            }
            Some(number) => match queue.sleepers.iter_mut().find(|sleeper| sleeper.number == number) {
                Some(sleeper) => {
                    sleeper.waker.clone_from(context.waker());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            },
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // The timeout stays: the next sleeper may be content with it.
        let mut queue = self.queue.borrow_mut();
        let place = queue.sleepers.iter().position(|sleeper| Some(sleeper.number) == self.number);
        let gone = place.map(|place| queue.sleepers.swap_remove(place));
        // A waker may be the last that holds its task, in which there may be other sleepers.
        drop(queue);
        drop(gone);
    }
}

impl Queue {
    /// Sees to it that a timeout comes by the time the first sleeper wakes.
    fn arm(&mut self, this: &Rc<RefCell<Self>>) {
        let Some(first) = self.sleepers.iter().map(|sleeper| sleeper.at).min() else { return };
        match &self.armed {
            Some((at, _)) if *at <= first => return,
            Some((_, later)) => clear_timeout(later),
            None => {}
        }
        let callback = self.callback.get_or_insert_with(|| {
            let queue = Rc::downgrade(this);
            Closure::new(move || {
                if let Some(queue) = queue.upgrade() {
                    come(&queue);
                }
            })
        });
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit 53 bits")]
        let millis = first.saturating_sub(now()) as f64;
        self.armed = Some((first, set_timeout(callback, millis)));
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if let Some((_, timeout)) = &self.armed {
            clear_timeout(timeout);
        }
    }
}

/// The timeout has come.
fn come(queue: &Rc<RefCell<Queue>>) {
    let mut waking = queue.borrow_mut();
    let Some((at, _)) = waking.armed.take() else { return };
    // The timeout is believed, whatever the clock says: it may have been set back.
    let now = now().max(at);
    let (due, later): (Vec<Sleeper>, _) =
        std::mem::take(&mut waking.sleepers).into_iter().partition(|sleeper| sleeper.at <= now);
    waking.sleepers = later;
    waking.arm(queue);
    drop(waking);
    due.into_iter().for_each(|sleeper| sleeper.waker.wake());
}

fn now() -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of this age fit 53 bits")]
    let millis = js_sys::Date::now() as u64;
    millis
}
