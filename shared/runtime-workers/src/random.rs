//! `crypto.getRandomValues`, of which each call is paid: a few hundred bytes are taken at once, and each is given away once.

use std::cell::RefCell;

use platform::Random;
use wasm_bindgen::JsCast;

/// Bytes taken at once.
const TAKEN: usize = 256;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; TAKEN], left: 0 }) };
}

/// The runtime's random source.
pub(crate) struct JsRandom;

impl Random for JsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if buffer.len() > TAKEN {
            ask(buffer);
        } else {
            POOL.with_borrow_mut(|pool| pool.fill(buffer));
        }
    }
}

struct Pool {
    bytes: [u8; TAKEN],
    /// So many at the beginning have not been given away.
    left: usize,
}

impl Pool {
    fn fill(&mut self, buffer: &mut [u8]) {
        if self.left < buffer.len() {
            ask(&mut self.bytes);
            self.left = TAKEN;
        }
        self.left -= buffer.len();
        for (to, from) in buffer.iter_mut().zip(self.bytes.iter_mut().skip(self.left)) {
            *to = std::mem::take(from);
        }
    }
}

fn ask(buffer: &mut [u8]) {
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let filled = global.crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(buffer));
    // Ids and tokens must never be made of zeroes: better no answer at all.
    assert!(filled.is_ok(), "the runtime has no source of randomness");
}
