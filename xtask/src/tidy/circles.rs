//! No import circle: of two modules beside each other, at most one imports the other, be it by way of third ones.
//!
//! A module and what lies below it is one room. What a folder's own file and the files in the folder take from each other is the room's
//! own affair; imports between rooms go one way, at every depth of a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::{Complaints, Source};

/// Where crates are looked at.
const LOOKED_AT: &[&str] = &["shared/", "xtask/"];

/// A module's path from the root of its crate.
type Module = Vec<String>;

/// Modules, and those that each imports.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Checks every crate.
pub fn check(sources: &[Source]) -> Complaints {
    let folders = sources.iter().filter_map(|source| source.path.strip_suffix("/Cargo.toml"));
    let looked_at = folders.filter(|folder| LOOKED_AT.iter().any(|place| format!("{folder}/").starts_with(place)));
    looked_at.flat_map(|folder| check_crate(folder, sources)).collect()
}

fn check_crate(folder: &str, sources: &[Source]) -> Complaints {
    let below = format!("{folder}/src/");
    let files = sources.iter().filter(|source| !source.path.ends_with("tests.rs"));
    let texts = files.filter_map(|source| Some((module(source.path.strip_prefix(&below)?)?, source.text.as_str())));
    let imports = rooms(&texts.collect());
    circles(&imports).iter().map(|circle| format!("{folder}: import circle: {}", told(circle, &imports))).collect()
}

/// `dev/spin.rs` is `dev::spin`; the crate's root has no name.
fn module(path: &str) -> Option<Module> {
    let name = path.strip_suffix(".rs")?;
    let name = name.strip_suffix("/mod").unwrap_or(name);
    Some(if ["lib", "main"].contains(&name) { Module::new() } else { name.split('/').map(str::to_owned).collect() })
}

/// Which room imports which, of those beside each other.
fn rooms(texts: &BTreeMap<Module, &str>) -> Imports {
    let paths: BTreeMap<&Module, Vec<Path>> = texts.iter().map(|(module, text)| (module, paths(text))).collect();
    let mut imports = Imports::new();
    for (from, path) in paths.iter().flat_map(|(from, paths)| paths.iter().map(move |path| (*from, path))) {
        let Some(to) = resolve(from, &path.steps, &paths, 0) else { continue };
        let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
        // Otherwise one lies within the other.
        if let (Some(from), Some(to)) = (from.get(..=shared), to.get(..=shared)) {
            imports.entry(from.to_vec()).or_default().insert(to.to_vec());
        }
    }
    imports
}

/// The sets of rooms that reach each other.
fn circles(imports: &Imports) -> BTreeSet<BTreeSet<&Module>> {
    let reached = |from| {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = vec![from];
        while let Some(room) = next.pop() {
            next.extend(imports.get(room).into_iter().flatten().filter(|room| reached.insert(*room)));
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = imports.keys().map(|room| (room, reached(room))).collect();
    let back = |from: &Module, to: &Module| reached.get(to).is_some_and(|rooms| rooms.contains(from));
    let circles = reached.iter().map(|(from, rooms)| rooms.iter().copied().filter(|to| back(from, to)).collect());
    circles.filter(|circle: &BTreeSet<_>| !circle.is_empty()).collect()
}

/// `a → b; b → a`.
fn told(circle: &BTreeSet<&Module>, imports: &Imports) -> String {
    let names = |rooms: Vec<&Module>| rooms.iter().map(|room| room.join("::")).collect::<Vec<_>>().join(", ");
    let of = |room: &Module| imports.get(room).into_iter().flatten().filter(|to| circle.contains(to)).collect();
    circle.iter().map(|room| format!("{} → {}", room.join("::"), names(of(room)))).collect::<Vec<_>>().join("; ")
}

/// A path in a source file, and by what name a `use` makes it known there.
struct Path {
    steps: Vec<String>,
    name: Option<String>,
}

/// The module that a path in `from` leads into, also by way of what other modules hand on. `None`: another crate's.
fn resolve(from: &Module, steps: &[String], paths: &BTreeMap<&Module, Vec<Path>>, depth: usize) -> Option<Module> {
    let below = |module: &Module, step: &String| [module.as_slice(), std::slice::from_ref(step)].concat();
    let is_known = |module: &Module| paths.contains_key(module);
    let mut at = match steps.first()?.as_str() {
        "crate" => Module::new(),
        "self" | "super" => from.clone(),
        _ if is_known(&below(from, steps.first()?)) => from.clone(),
        _ => return None,
    };
    for step in steps {
        let child = below(&at, step);
        match step.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            _ if is_known(&child) => at = child,
            name => {
                let handed_on = paths.get(&at)?.iter().find(|path| path.name.as_deref() == Some(name));
                // Names that lead back to themselves are not ours to solve.
                let target =
                    handed_on.filter(|_| depth < 8).and_then(|path| resolve(&at, &path.steps, paths, depth + 1));
                return Some(target.unwrap_or(at));
            }
        }
    }
    Some(at)
}

/// The paths of `use`, and those in the code that begin with `crate`, `self` or `super`. Unit tests do not count.
fn paths(text: &str) -> Vec<Path> {
    let mut is_test = false;
    let code = text.lines().filter(|line| {
        is_test |= *line == "#[cfg(test)]";
        let is_told = !is_test && !line.trim_start().starts_with("//");
        // The item's last line, which rustfmt sets at the margin.
        is_test &= !(line.starts_with('}') || (line.ends_with(';') && !line.starts_with(' ')));
        is_told
    });
    let tokens: Vec<String> = code.flat_map(tokens).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let begins = ["crate", "self", "super"].contains(&token.as_str());
        let is_inside = at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|token| token == "::");
        at += usize::from(token == "use");
        if token == "use" || (begins && !is_inside && tokens.get(at + 1).is_some_and(|next| next == "::")) {
            tree(&tokens, &mut at, Vec::new(), token == "use", &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Words and signs; `::` is one sign.
fn tokens(line: &str) -> Vec<String> {
    let line = line.split(" //").next().unwrap_or_default().replace("::", "\u{1}");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens: Vec<String> = Vec::new();
    let mut was_word = false;
    for c in line.chars() {
        match tokens.last_mut().filter(|_| was_word && is_word(c)) {
            Some(word) => word.push(c),
            None if c.is_whitespace() => {}
            None => tokens.push(if c == '\u{1}' { "::".to_owned() } else { c.to_string() }),
        }
        was_word = is_word(c);
    }
    tokens
}

/// Reads `a::{b::C, d as e}` into one path for each name.
fn tree(tokens: &[String], at: &mut usize, mut steps: Vec<String>, is_use: bool, found: &mut Vec<Path>) {
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    loop {
        if token(*at) == "{" {
            while !["}", ""].contains(&token(*at)) {
                *at += 1;
                if token(*at) != "}" {
                    tree(tokens, at, steps.clone(), is_use, found);
                }
            }
            *at += 1;
            return;
        }
        steps.push(token(*at).to_owned());
        *at += 1;
        if token(*at) != "::" {
            break;
        }
        *at += 1;
    }
    let mut name = steps.last().filter(|_| is_use).cloned();
    if is_use && token(*at) == "as" {
        name = Some(token(*at + 1).to_owned());
        *at += 2;
    }
    found.push(Path { steps, name });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    fn complaints(files: &[(&str, &str)]) -> Complaints {
        check(&sources(&[&[("shared/made/Cargo.toml", "")], files].concat()))
    }

    #[test]
    fn a_circle_is_named() {
        for (a, b, what) in [
            ("use crate::b::B;", "use crate::a::A;", "two files"),
            ("use super::{c, b::B};", "use std::fs;\nuse super::a;", "by way of the parent"),
            ("pub fn a() { crate::b::b() }", "use crate::{a::{self as first, A}, c};", "in the code and in a tree"),
            ("use crate::B;", "use super::First;\nuse super::c;", "by names that the root hands on"),
            ("use crate::b::B;", "#[cfg(test)]\nmod tests;\n\nuse crate::a::A;", "behind a test"),
            ("use crate::b::B;", "#[cfg(test)]\nmod tests {\n    use crate::c;\n}\nuse crate::a::A;", "behind tests"),
        ] {
            let root = "mod a;\nmod b;\npub use self::a::A as First;\npub use b::B;\n";
            let files = [
                ("shared/made/src/lib.rs", root),
                ("shared/made/src/a.rs", a),
                ("shared/made/src/b.rs", b),
                ("shared/made/src/c.rs", ""),
            ];
            assert_eq!(complaints(&files), ["shared/made: import circle: a → b; b → a"], "{what}");
        }
    }

    #[test]
    fn a_circle_of_folders_is_named_at_their_depth() {
        let files = [
            ("shared/made/src/lib.rs", "mod x;"),
            ("shared/made/src/x.rs", "mod a;\nmod b;\nmod c;"),
            ("shared/made/src/x/a.rs", "use crate::x::b::inner::I;"),
            ("shared/made/src/x/b.rs", "mod inner;"),
            ("shared/made/src/x/b/inner.rs", "use super::super::c;"),
            ("shared/made/src/x/c/mod.rs", "fn f() -> crate::x::a::A {}"),
        ];
        let named = "shared/made: import circle: x::a → x::b; x::b → x::c; x::c → x::a";
        assert_eq!(complaints(&files), [named]);
    }

    #[test]
    fn one_way_is_no_circle() {
        for (a, b, what) in [
            ("use crate::b::B;", "use std::fs;\nuse http::Method;", "others' crates"),
            ("use crate::b::B;", "//! See crate::a.\nfn f() {} // as crate::a::f\n", "words"),
            ("use crate::b::B;", "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n", "a test"),
            ("use super::Root;", "use crate::{Root, a::A};", "what the root has itself"),
            ("use self::inner::I;", "", "a folder's own file"),
        ] {
            let files = [
                ("shared/made/src/lib.rs", "mod a;\nuse self::a::A;\npub struct Root;"),
                ("shared/made/src/a.rs", a),
                ("shared/made/src/a/inner.rs", "use super::A;"),
                ("shared/made/src/b.rs", b),
                ("shared/made/src/a/tests.rs", "use crate::b::B;"),
            ];
            assert_eq!(complaints(&files), Complaints::new(), "{what}");
        }
    }
}
