//! A script as Redis knows it.

use wire::upstash::{self, Command};

/// The text of a script, and its SHA-1, by which Redis remembers it.
pub(crate) struct Script {
    tag: &'static str,
    text: &'static str,
    /// In hexadecimal digits.
    sha1: [u8; 40],
}

impl Script {
    /// `text` begins with its `tag`.
    pub(crate) const fn new(tag: &'static str, text: &'static str) -> Self {
        Self { tag, text, sha1: hexadecimal(const_sha1::sha1(text.as_bytes()).as_bytes()) }
    }

    /// The call by its SHA-1. The tag comes along as an argument that no script reads: a call is told by it in the tests.
    pub(super) fn call(&self, keys: &[String], args: &[String]) -> Command {
        let sha1 = String::from_utf8_lossy(&self.sha1);
        let args: Vec<&str> = args.iter().map(String::as_str).chain([self.tag]).collect();
        upstash::eval_sha(&sha1, keys, &args)
    }

    /// The call with its whole text, after which Redis remembers it.
    pub(super) fn call_with_text(&self, keys: &[String], args: &[String]) -> Command {
        upstash::eval(self.text, keys, args)
    }
}

/// Both digits of each byte.
#[expect(clippy::indexing_slicing, reason = "while compiling")]
const fn hexadecimal(bytes: [u8; 20]) -> [u8; 40] {
    let mut digits = [0; 40];
    let mut at = 0;
    while at < bytes.len() {
        digits[2 * at] = b"0123456789abcdef"[bytes[at] as usize / 16];
        digits[2 * at + 1] = b"0123456789abcdef"[bytes[at] as usize % 16];
        at += 1;
    }
    digits
}

/// The script `$name`, after the parts it needs.
macro_rules! script {
    ($name:literal $(, after $($part:literal),+)?) => {
        $crate::redis::script::Script::new(concat!("-- ", $name, "\n"), $crate::query_text::embed!(Lua, $name, concat!(
            $($(include_str!(concat!("scripts/parts/", $part, ".lua")),)+)?
            include_str!(concat!("scripts/", $name, ".lua"))
        )))
    };
}
pub(super) use script;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_called_by_the_sha_1_of_its_text() {
        // `printf %s 'return 1' | sha1sum`
        const SCRIPT: Script = Script::new("-- one\n", "return 1");
        let call = String::from_utf8(SCRIPT.call(&["k".to_owned()], &["a".to_owned()]).body()).unwrap();
        assert_eq!(call, r#"["EVALSHA","e0e1f9fabfc9d4800c877a703b823ac0578ff8db","1","k","a","-- one\n"]"#);
    }

    /// The words of a list, at its commas outside of strings and brackets, up to the bracket that closes it.
    fn words(list: &str) -> Vec<String> {
        let (mut words, mut depth, mut quote) = (vec![String::new()], 0, None);
        for one in list.chars() {
            match (one, quote) {
                (_, Some(open)) => quote = (one != open).then_some(open),
                ('\'' | '"', None) => quote = Some(one),
                ('(' | '[' | '{', None) => depth += 1,
                (')' | ']' | '}', None) => depth -= 1,
                _ => {}
            }
            match words.last_mut() {
                _ if depth < 0 => break,
                _ if one == ',' && depth == 0 && quote.is_none() => words.push(String::new()),
                Some(word) => word.push(one),
                None => {}
            }
        }
        words.iter().map(|word| word.trim().to_owned()).collect()
    }

    /// Whether what `word` says in this text is one of the keys that the script was called with.
    fn is_given(word: &str, text: &str, all: &[&str]) -> bool {
        if word.contains("..") || word.contains("ARGV") {
            return false;
        }
        if word.starts_with("KEYS[") || word.starts_with("unpack(KEYS") {
            return true;
        }
        let mut values = Vec::new();
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("local ")) {
            if let Some((names, of)) = line.split_once('=')
                && let Some(at) = words(names).iter().position(|name| name == word)
            {
                values.push(words(of)[at].contains("KEYS["));
            }
        }
        let is_listed = text.contains(&format!(", {word} in ipairs(KEYS)"));
        // A function's: whoever calls it gives one.
        let function =
            text.lines().find_map(|line| line.strip_prefix("local function ")?.split_once(&format!("({word},")));
        if let Some((name, _)) = function {
            for other in all {
                let calls = other.lines().filter(|line| !line.starts_with("local function "));
                let lists = calls.filter_map(|line| line.split_once(&format!("{name}("))).map(|(_, list)| list);
                values.extend(lists.map(|list| is_given(&words(list)[0], other, all)));
            }
        }
        is_listed || !values.is_empty() && values.iter().all(|is_key| *is_key)
    }

    /// What a text touches that the script was not called with.
    fn strangers(text: &str, all: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let code = text.lines().filter(|line| !line.trim().starts_with("--")).collect::<Vec<_>>().join("\n");
        for after in code.split("redis.").skip(1) {
            let Some(list) = after.strip_prefix("call(") else {
                found.push(after.chars().take(20).collect());
                continue;
            };
            let list = words(list);
            let keys = match list[0].trim_matches('\'') {
                "TIME" => &[],
                "MGET" | "DEL" => &list[1..],
                _ => &list[1..2],
            };
            found.extend(keys.iter().filter(|key| !is_given(key, &code, all)).map(|key| format!("{} {key}", list[0])));
        }
        found
    }

    /// A Redis of several machines sends a script to where its keys are, and looks at no others.
    #[test]
    fn scripts_touch_the_keys_that_they_are_called_with_and_no_others() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/redis/scripts");
        let files = [folder.join("parts"), folder].map(|folder| std::fs::read_dir(folder).unwrap());
        let files = files.into_iter().flatten().map(|file| file.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "lua"));
        let texts: Vec<_> = files.map(|path| (std::fs::read_to_string(&path).unwrap(), path)).collect();
        let all: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
        assert!(texts.len() >= 20, "{texts:?}");
        for (text, path) in &texts {
            assert_eq!(strangers(text, &all), Vec::<String>::new(), "{}", path.display());
        }
        for (text, found) in [
            ("redis.call('GET', 'chat:all')", "'GET' 'chat:all'"),
            ("redis.call('GET', KEYS[1] .. ':more')", "'GET' KEYS[1] .. ':more'"),
            ("redis.call('MGET', KEYS[1], ARGV[1])", "'MGET' ARGV[1]"),
            ("local a, b = KEYS[1], ARGV[1]\nredis.call('SET', b, a)", "'SET' b"),
            ("redis.pcall('GET', KEYS[1])", "pcall('GET', KEYS[1]"),
        ] {
            assert_eq!(strangers(text, &[text]), [found]);
        }
    }
}
