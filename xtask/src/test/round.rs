//! A round: the functions on one runtime, with one kind of stores.

use super::stores::Stores;
use crate::runtime::Runtime;

/// A runtime and its stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Where the functions run.
    pub runtime: Runtime,
    /// What they keep things in.
    pub stores: Stores,
}

impl Round {
    /// All of them, the embedded stores first: they start faster.
    pub const ALL: &[Self] = &[
        Self { runtime: Runtime::Workers, stores: Stores::Embedded },
        Self { runtime: Runtime::Workers, stores: Stores::Real },
        Self { runtime: Runtime::Spin, stores: Stores::Embedded },
        Self { runtime: Runtime::Spin, stores: Stores::Real },
    ];

    /// As in a title or a folder's name.
    pub fn name(self) -> String {
        format!("{}-{}", self.runtime.name(), self.stores.name())
    }
}
