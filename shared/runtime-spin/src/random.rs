//! `wasi:random`.

use platform::Random;
use spin_sdk::wasip3::random::random::get_random_bytes;

/// The host's random source, cryptographically secure by its contract.
pub(crate) struct WasiRandom;

impl Random for WasiRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            // The host may give less than it is asked for, but always something.
            let fresh = get_random_bytes(rest.len() as u64);
            for (place, byte) in rest.iter_mut().zip(&fresh) {
                *place = *byte;
            }
            filled += fresh.len();
        }
    }
}
