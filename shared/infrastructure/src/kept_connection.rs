//! Calls over a kept connection, which the other side may have closed by then.

use platform::HttpError;

/// Sends, and once more if the connection is lost: nothing tells whether the first call was carried out, so it must be safe to repeat.
pub(crate) async fn send_or_again<T>(send: impl AsyncFn() -> Result<T, HttpError>) -> Result<T, HttpError> {
    match send().await {
        Err(HttpError::Connection(_)) => send().await,
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::fixtures::now;

    #[test]
    fn a_call_is_repeated_once_after_a_lost_connection_and_after_nothing_else() {
        let lost = || Err(HttpError::Connection("reset".to_owned()));
        let late = || Err(HttpError::Timeout(Duration::from_secs(1)));
        for (outcomes, calls, expected) in [
            ([Ok(1), Ok(2)], 1, Ok(1)),
            ([lost(), Ok(2)], 2, Ok(2)),
            ([lost(), lost()], 2, lost()),
            ([lost(), late()], 2, late()),
            ([late(), Ok(2)], 1, late()),
        ] {
            let sent = Cell::new(0);
            let send = async || {
                sent.set(sent.get() + 1);
                outcomes[sent.get() - 1].clone()
            };
            assert_eq!((now(send_or_again(send)), sent.get()), (expected, calls), "{outcomes:?}");
        }
    }
}
