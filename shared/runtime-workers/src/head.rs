//! A head, over the border between Rust and JavaScript in one piece.
//!
//! Each call over it costs: a header at a time, heads were nearly half of a message's calls (docs/performance.md).

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use js_sys::Array;

/// What `headers` has; of a value that is no header's, nothing.
pub(crate) fn read(headers: &web_sys::Headers) -> HeaderMap {
    // `join` makes `name,value` of a pair. Neither has a line end, and no name a comma.
    let lines = String::from(Array::from(headers).join("\n"));
    let mut map = HeaderMap::with_capacity(16);
    for (name, value) in lines.split('\n').filter_map(|line| line.split_once(',')) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            map.append(name, value);
        }
    }
    map
}
