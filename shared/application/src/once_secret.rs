//! What its holder shows to be given what is handed out once: the code of a hand-over, the token of a link that was sent by mail.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use infrastructure::redis::OnceKey;
use platform::Level;
use sha2::{Digest, Sha256};

use crate::App;
use crate::hex::hex;

/// `N` random bytes, of which only a hash is kept. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct OnceSecret<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> fmt::Debug for OnceSecret<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OnceSecret")
    }
}

impl<const N: usize> OnceSecret<N> {
    pub(crate) fn fresh(app: &App) -> Self {
        Self(app.fresh_bytes())
    }

    /// As it travels: base64url without padding.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads one; `None` for a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// By which it is known.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0))
    }
}

/// Puts back for so long what this request has taken, or may have: a store that gave no answer costs no link and no code.
pub(crate) async fn put_back(app: &App, key: OnceKey<'_>, life: Duration) {
    if let Err(error) = app.redis.put_back_once(key, app.request, life).await {
        app.log_cause(Level::Warn, "what is handed out once not put back", &error);
    }
}
