//! An answer that exists: read again from any place, stopped, put right after its instance died.

mod position;
mod readers;
pub(crate) mod recovery;
pub(crate) mod resume;
mod stop;

pub use position::{MOST_CHARS, Position};
pub use readers::READERS;
pub use resume::resume;
pub use stop::stop;
