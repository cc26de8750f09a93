//! Unpredictable bytes.

/// A cryptographically secure source, as ids and tokens need it.
pub trait Random {
    /// Fills `buffer` with fresh bytes.
    fn fill(&self, buffer: &mut [u8]);
}
