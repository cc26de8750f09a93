//! Files of variables, as they are written for wrangler (`NAME='value'`) and for Spin (JSON, names in lower case).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// By name, in capitals. None is empty.
pub type Values = BTreeMap<String, String>;

/// Reads a file of either kind.
pub fn read(path: &Path) -> Result<Values> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let values = if is_json(path) {
        // What is wrong with it may be the value beside it: the parser's words stay out.
        serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("{} is not an object of texts", path.display()))?
    } else {
        lines(&text)
    };
    Ok(of(values))
}

/// Whether a file is one for Spin.
pub fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// Names in capitals, without empty values.
pub fn of(values: impl IntoIterator<Item = (String, String)>) -> Values {
    let named = values.into_iter().map(|(name, value)| (name.to_uppercase(), value));
    named.filter(|(_, value)| !value.trim().is_empty()).collect()
}

fn lines(text: &str) -> Values {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim()))).collect()
}

/// Without its quotes; `\$` is a `$`.
fn unquoted(value: &str) -> String {
    let quoted = ['\'', '"', '`'].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    quoted.unwrap_or(value).replace("\\$", "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_files_are_read() {
        let folder = std::env::temp_dir().join(format!("edgewise-values-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (vars, json) = (folder.join(".dev.vars"), folder.join("spin.json"));
        fs::write(&vars, "# words\nJWT_SECRET='a=b'\nexport LOG_LEVEL=info\nCORS_ORIGINS=''\nDATABASE_URL=\"p\\$w\"\n")
            .unwrap();
        fs::write(&json, r#"{"jwt_secret":"a=b","log_level":"info","cors_origins":"","database_url":"p$w"}"#).unwrap();
        let expected = [("DATABASE_URL", "p$w"), ("JWT_SECRET", "a=b"), ("LOG_LEVEL", "info")];
        let expected = of(expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(read(&vars).unwrap(), expected);
        assert_eq!(read(&json).unwrap(), expected);
        fs::write(&json, r#"{"jwt_secret":{"a":"secret"}}"#).unwrap();
        assert!(!format!("{:#}", read(&json).unwrap_err()).contains("secret\""));
        fs::remove_dir_all(folder).unwrap();
    }
}
