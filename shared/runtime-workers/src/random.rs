//! `crypto.getRandomValues`.

use platform::Random;
use wasm_bindgen::JsCast;

/// The runtime's random source.
pub(crate) struct JsRandom;

impl Random for JsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let filled = global.crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(buffer));
        // Ids and tokens must never be made of zeroes: better no answer at all.
        assert!(filled.is_ok(), "the runtime has no source of randomness");
    }
}
