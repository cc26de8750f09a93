//! The stack's own secrets: made at the first start, kept in the data directory, and compared without telling how much was right.

use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Secrets for what is not configured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Credentials {
    /// Password of the embedded Postgres.
    pub database_password: String,
    /// Bearer token of the Redis face.
    pub redis_token: String,
    /// Bearer token of the Redis face that only reads. Directories of earlier versions have none.
    #[serde(default = "random")]
    pub redis_read_only_token: String,
    /// Bearer key of the demo model.
    pub model_key: String,
    /// Bearer token of the mail face. Directories of earlier versions have none.
    #[serde(default = "random")]
    pub mail_token: String,
}

impl Credentials {
    /// Those of an earlier start in this directory, or new ones.
    pub fn load_or_make(directory: &Path) -> io::Result<Self> {
        let path = directory.join("credentials.json");
        match std::fs::read(&path) {
            Ok(bytes) => return Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let made = Self {
            database_password: random(),
            redis_token: random(),
            redis_read_only_token: random(),
            model_key: uuid::Uuid::new_v4().to_string(),
            mail_token: random(),
        };
        let aside = path.with_extension("new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(&serde_json::to_vec_pretty(&made)?)?;
        file.sync_all()?;
        std::fs::rename(aside, path)?;
        Ok(made)
    }
}

fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// Whether two secrets are the same. Their digests are compared, so that the time taken tells nothing about the secret.
pub fn same(given: &str, wanted: &str) -> bool {
    sha1_smol::Sha1::from(given).digest().bytes() == sha1_smol::Sha1::from(wanted).digest().bytes()
}
