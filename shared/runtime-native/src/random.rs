//! The system's random source.

use platform::Random;

/// `getrandom`.
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let filled = getrandom::fill(buffer);
        // Ids and tokens must never be made of zeroes: better no answer at all.
        assert!(filled.is_ok(), "the system has no source of randomness");
    }
}
