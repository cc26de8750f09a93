//! The variables of a running `dev` as files, so that `wrangler dev` and `spin up` serve against the same stores and model.
//!
//! They go when `dev` ends: the addresses in them end with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::spin;
use super::variables::Variables;
use super::write_private;

/// As wrangler calls such a file. It lies in the folder of data, and never takes the place of one in the root.
pub const FOR_WRANGLER: &str = ".dev.vars";

/// Spin wants the ending.
const FOR_SPIN: &str = "spin-variables.json";

/// The files. Dropping it removes them.
pub struct Files {
    paths: Vec<PathBuf>,
}

impl Files {
    /// Writes them, readable by their owner alone.
    pub fn write(variables: &Variables, data: &Path) -> Result<Self> {
        let texts = [(FOR_WRANGLER, for_wrangler(variables)), (FOR_SPIN, for_spin(variables)?)];
        let mut files = Self { paths: Vec::new() };
        for (name, text) in texts {
            let path = data.join(name);
            write_private(&path, &text)?;
            files.paths.push(path);
        }
        Ok(files)
    }

    /// What can be done with them.
    pub fn hint(&self) -> String {
        let paths: Vec<String> = self.paths.iter().map(|path| path.display().to_string()).collect();
        format!("the variables, for `cargo xtask wrangler dev` and `spin up --variable @FILE`: {}", paths.join(", "))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for path in &self.paths {
            // One that is gone already is as good.
            let _ = fs::remove_file(path);
        }
    }
}

/// Lines of `NAME='value'`. wrangler puts the values of other variables in the place of `$NAME`.
pub fn for_wrangler(variables: &Variables) -> String {
    variables.iter().map(|(name, value)| format!("{name}={}\n", quoted(&value.replace('$', "\\$")))).collect()
}

/// In the quotes that the value lacks; those that let `\n` be a new line come last.
fn quoted(value: &str) -> String {
    let quote = ['\'', '`', '"'].into_iter().find(|quote| !value.contains(*quote)).unwrap_or('\'');
    format!("{quote}{value}{quote}")
}

/// The names in lower case, with the hosts that the addresses lead to.
pub fn for_spin(variables: &Variables) -> Result<String> {
    let hosts = spin::hosts(variables).map(|(name, host)| (name.to_owned(), host));
    let named = variables.clone().into_iter().chain(hosts);
    let lower: BTreeMap<String, String> = named.map(|(name, value)| (name.to_lowercase(), value)).collect();
    Ok(serde_json::to_string_pretty(&lower)?)
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn variables() -> Variables {
        let named = [
            ("CHAT_SYSTEM_PROMPT", "It's \"short\"\nand $HOME"),
            ("DATABASE_HTTP_URL", "http://127.0.0.1:1/sql"),
            ("JWT_SECRET", "secret"),
        ];
        named.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn wrangler_reads_each_value_as_it_is() {
        assert_eq!(
            for_wrangler(&variables()),
            "CHAT_SYSTEM_PROMPT=`It's \"short\"\nand \\$HOME`\nDATABASE_HTTP_URL='http://127.0.0.1:1/sql'\nJWT_SECRET='secret'\n"
        );
    }

    #[test]
    fn spin_gets_the_hosts_too() {
        let read: BTreeMap<String, String> = serde_json::from_str(&for_spin(&variables()).unwrap()).unwrap();
        assert_eq!(read["chat_system_prompt"], "It's \"short\"\nand $HOME");
        assert_eq!(read["database_http_url"], "http://127.0.0.1:1/sql");
        assert_eq!(read["database_host"], "http://127.0.0.1:1");
        assert!(!read.contains_key("redis_host"));
    }

    #[test]
    fn they_are_private_and_go_with_dev() {
        use std::os::unix::fs::PermissionsExt;
        let data = env::temp_dir().join(format!("edgewise-files-{}", std::process::id()));
        fs::create_dir_all(&data).unwrap();
        let files = Files::write(&variables(), &data).unwrap();
        let written = [data.join(FOR_WRANGLER), data.join(FOR_SPIN)];
        for path in &written {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        }
        drop(files);
        assert!(written.iter().all(|path| !path.exists()));
        fs::remove_dir_all(&data).unwrap();
    }
}
