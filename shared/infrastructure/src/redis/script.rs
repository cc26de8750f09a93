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
        $crate::redis::script::Script::new(concat!("-- ", $name, "\n"), $crate::embedded::embed!(Lua, $name, concat!(
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
}
