//! Scripts: real Lua 5.1, made to look like Redis' own by `sandbox.lua`, with Redis' conversions between its replies and Lua's values.

use super::Refusal;
use super::commands::{self, Arguments, SCRIPT_COMMANDS};
use super::json;
use super::keyspace::Keyspace;
use super::number::general;
use crate::redis::{Reply, shebang};
use mlua::{Function, HookTriggers, Lua, LuaOptions, MultiValue, StdLib, Table, Value, VmState};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// Instructions between two looks at the budget.
const HOOK_EVERY: u32 = 100_000;
/// Such looks before a script is stopped: some seconds. Redis would go on for ever and refuse everybody else.
const HOOKS_ALLOWED: u32 = 1_000;
/// Nesting of tables in a reply.
const MAX_DEPTH: usize = 100;

/// Which keys a script may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScriptKeys {
    /// Any, as on a Redis that is no cluster, unless the script has Upstash' flag.
    Any,
    /// Of a script that begins with its name in a comment, as all of Edgewise' do, those in KEYS alone, as on a cluster. Others' scripts as with `Any`.
    Declared,
}

/// Compiled scripts by their SHA-1.
pub struct Scripts {
    lua: Lua,
    compile: Function,
    run: Function,
    known: HashMap<String, Script>,
    hooks_left: Rc<Cell<u32>>,
    declared: Declared,
    allowed: ScriptKeys,
}

/// A script, and whether its first line has Upstash' flag.
struct Script {
    function: Function,
    locks_its_keys: bool,
    is_named: bool,
}

/// The keys that the running script may use: those in KEYS, if it locks only these; else all.
type Declared = Rc<RefCell<Option<Vec<Vec<u8>>>>>;

impl Scripts {
    /// A fresh Lua whose `redis.call` works on the keys of `keyspace` that are `allowed`, and counts in `executed` what it runs.
    pub fn new(keyspace: Rc<RefCell<Keyspace>>, executed: Rc<Cell<u64>>, allowed: ScriptKeys) -> mlua::Result<Self> {
        // The `debug` library is not loaded: the one function of it that the sandbox needs is provided below.
        let libraries = StdLib::STRING | StdLib::TABLE | StdLib::MATH;
        let lua = Lua::new_with(libraries, LuaOptions::default())?;
        let declared = Declared::default();
        let commands = Commands { keyspace, executed, declared: declared.clone() };
        let call = lua.create_function(move |lua, arguments: MultiValue| match commands.call(&arguments) {
            Reply::Error(words) => Err(mlua::Error::external(CallFailed(words))),
            reply => to_lua(lua, &reply),
        })?;
        let failure = lua.create_function(|_, error: mlua::Error| Ok(failure(&error)))?;
        let place = lua.create_function(place)?;
        let debug = lua.create_table()?;
        debug.set("getinfo", place)?;
        lua.globals().set("debug", debug)?;
        let sandbox = lua.load(include_str!("sandbox.lua")).set_name("@sandbox");
        let (compile, run) = sandbox.call((call, failure, json::library(&lua)?))?;
        let hooks_left = Rc::new(Cell::new(0));
        let left = hooks_left.clone();
        lua.set_hook(HookTriggers::new().every_nth_instruction(HOOK_EVERY), move |_, _| match left.get() {
            0 => Err(mlua::Error::runtime("Script killed: it ran for too long")),
            count => {
                left.set(count - 1);
                Ok(VmState::Continue)
            }
        })?;
        Ok(Self { lua, compile, run, known: HashMap::new(), hooks_left, declared, allowed })
    }

    /// Compiles a script unless it is known; its SHA-1.
    pub fn load(&mut self, source: &[u8]) -> Result<String, Refusal> {
        let sha = sha1(source);
        if self.known.contains_key(&sha) {
            return Ok(sha);
        }
        let plain = shebang::without_flag(source);
        let failed = |words: &str| Refusal(format!("ERR Error compiling script (new function): {words}"));
        let compiled: mlua::Result<(Option<Function>, Option<mlua::String>)> =
            self.lua.create_string(plain.as_deref().unwrap_or(source)).and_then(|code| self.compile.call(code));
        let function = match compiled {
            Ok((Some(function), _)) => function,
            Ok((None, words)) => return Err(failed(&words.map_or_else(String::new, |words| words.to_string_lossy()))),
            Err(error) => return Err(failed(&error.to_string())),
        };
        self.known.insert(
            sha.clone(),
            Script { function, locks_its_keys: plain.is_some(), is_named: source.starts_with(b"-- ") },
        );
        Ok(sha)
    }

    /// Runs a known script.
    pub fn run(&self, sha: &str, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Result<Reply, Refusal> {
        let script = self.known.get(sha).ok_or(Refusal::from("NOSCRIPT No matching script. Please use EVAL."))?;
        let is_bound = script.locks_its_keys || (script.is_named && self.allowed == ScriptKeys::Declared);
        self.declared.replace(is_bound.then(|| keys.to_vec()));
        self.hooks_left.set(HOOKS_ALLOWED);
        let answer = self.list(keys).and_then(|keys| {
            self.run.call::<(Value, Option<mlua::String>, Option<mlua::String>, Option<i64>)>((
                &script.function,
                keys,
                self.list(arguments)?,
            ))
        });
        match answer {
            Ok((value, None, _, _)) => Ok(to_reply(&value, 0)),
            Ok((_, Some(words), source, line)) => {
                let place = match (source, line) {
                    (Some(source), Some(line)) => format!(", on {}:{line}.", source.to_string_lossy()),
                    _ => String::new(),
                };
                Err(Refusal(format!("{} script: {sha}{place}", words.to_string_lossy())))
            }
            Err(error) => Err(Refusal(format!("ERR {error} script: {sha}"))),
        }
    }

    /// `SCRIPT LOAD` and `EXISTS`.
    pub fn administer(&mut self, a: &Arguments<'_>) -> Result<Reply, Refusal> {
        match (a.upper(1).as_str(), a.len()) {
            ("LOAD", 3) => self.load(a.at(2)).map(Reply::bulk),
            ("EXISTS", 3..) => {
                let known = |sha: &Vec<u8>| self.known.contains_key(&String::from_utf8_lossy(sha).to_lowercase());
                Ok(Reply::Array(a.from(2).iter().map(|sha| Reply::Int(i64::from(known(sha)))).collect()))
            }
            ("LOAD" | "EXISTS", _) => Err(Refusal::arity(&format!("script|{}", a.upper(1).to_lowercase()))),
            _ => {
                Err(Refusal(format!("ERR unknown subcommand '{}'. Try SCRIPT HELP.", String::from_utf8_lossy(a.at(1)))))
            }
        }
    }

    fn list(&self, items: &[Vec<u8>]) -> mlua::Result<Table> {
        let strings = items.iter().map(|item| self.lua.create_string(item));
        self.lua.create_sequence_from(strings.collect::<mlua::Result<Vec<_>>>()?)
    }
}

fn sha1(bytes: &[u8]) -> String {
    sha1_smol::Sha1::from(bytes).digest().to_string()
}

/// As much of `debug.getinfo` as the sandbox needs: what kind of function runs at a level, from which source, on which line.
fn place(lua: &Lua, (level, _): (usize, Value)) -> mlua::Result<Option<Table>> {
    // This function is level 0 for itself, and its caller expects to be level 1: the same count.
    let found = lua.inspect_stack(level, |debug| {
        let source = debug.source();
        (source.what.to_owned(), source.source.map(|source| source.into_owned()), debug.current_line())
    });
    let Some((what, source, line)) = found else {
        return Ok(None);
    };
    let table = lua.create_table()?;
    table.set("what", what)?;
    table.set("source", source)?;
    table.set("currentline", line.map_or(-1, |line| line as i64))?;
    Ok(Some(table))
}

/// An error reply on its way through Lua as an error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CallFailed(String);

/// The words of an error that Rust has raised.
fn failure(error: &mlua::Error) -> String {
    match error {
        mlua::Error::CallbackError { cause, .. } => failure(cause),
        mlua::Error::ExternalError(cause) => cause.to_string(),
        mlua::Error::RuntimeError(words) => format!("ERR {words}"),
        other => format!("ERR {other}"),
    }
}

/// What `redis.call` runs.
struct Commands {
    keyspace: Rc<RefCell<Keyspace>>,
    executed: Rc<Cell<u64>>,
    declared: Declared,
}

impl Commands {
    /// `redis.call`
    fn call(&self, arguments: &MultiValue) -> Reply {
        words(arguments).and_then(|command| self.execute(&command)).unwrap_or_else(|Refusal(words)| Reply::Error(words))
    }

    fn execute(&self, command: &[Vec<u8>]) -> Result<Reply, Refusal> {
        let name = Arguments(command).name();
        if SCRIPT_COMMANDS.iter().any(|(known, _)| *known == name) {
            return Err("ERR This Redis command is not allowed from script".into());
        }
        let entry = commands::find(command).map_err(|Refusal(words)| match words.starts_with("ERR wrong number") {
            true => Refusal::from("ERR Wrong number of args calling Redis command from script"),
            false => Refusal::from("ERR Unknown Redis command called from script"),
        })?;
        if let Some(declared) = &*self.declared.borrow()
            && commands::keys_of(command).iter().any(|key| !declared.contains(key))
        {
            return Err("ERR Dynamic keys are not allowed here: each key must be in KEYS".into());
        }
        self.executed.set(self.executed.get() + 1);
        Ok(entry.run(&mut self.keyspace.borrow_mut(), command))
    }
}

fn words(arguments: &MultiValue) -> Result<Vec<Vec<u8>>, Refusal> {
    if arguments.is_empty() {
        return Err("ERR Please specify at least one argument for this redis lib call".into());
    }
    let words = arguments.iter().map(|argument| match argument {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        // Lua 5.1 has floats only; mlua shows whole ones as integers.
        Value::Integer(number) => Ok(general(*number as f64, 17).into_bytes()),
        Value::Number(number) => Ok(general(*number, 17).into_bytes()),
        _ => Err("ERR Lua redis lib command arguments must be strings or integers".into()),
    });
    words.collect()
}

fn to_lua(lua: &Lua, reply: &Reply) -> mlua::Result<Value> {
    let single = |name: &str, words: &str| {
        let table = lua.create_table()?;
        table.set(name, words)?;
        Ok(Value::Table(table))
    };
    match reply {
        Reply::Nil => Ok(Value::Boolean(false)),
        // Lua 5.1 knows no integers: beyond 2^53 digits are lost, in Redis too.
        Reply::Int(number) => Ok(Value::Number(*number as f64)),
        Reply::Status(word) => single("ok", word),
        Reply::Error(words) => single("err", words),
        Reply::Bulk(bytes) => lua.create_string(bytes).map(Value::String),
        Reply::Array(items) => {
            let table = lua.create_table_with_capacity(items.len(), 0)?;
            for (index, item) in items.iter().enumerate() {
                table.raw_set(index + 1, to_lua(lua, item)?)?;
            }
            Ok(Value::Table(table))
        }
    }
}

fn to_reply(value: &Value, depth: usize) -> Reply {
    if depth > MAX_DEPTH {
        return Reply::Error("ERR reached lua stack limit".to_owned());
    }
    match value {
        Value::String(text) => Reply::bulk(text.as_bytes().to_vec()),
        Value::Integer(number) => Reply::Int(*number),
        // Saturating where C is undefined.
        #[allow(clippy::cast_possible_truncation)]
        Value::Number(number) => Reply::Int(*number as i64),
        Value::Boolean(true) => Reply::Int(1),
        Value::Table(table) => table_reply(table, depth),
        _ => Reply::Nil,
    }
}

fn table_reply(table: &Table, depth: usize) -> Reply {
    let field = |name: &str| table.raw_get::<Value>(name).unwrap_or(Value::Nil);
    if let Value::String(words) = field("err") {
        return Reply::Error(words.to_string_lossy().trim_start_matches('-').replace(['\r', '\n'], " "));
    }
    if let Value::String(word) = field("ok") {
        return Reply::Status(word.to_string_lossy().replace(['\r', '\n'], " "));
    }
    let mut items = Vec::new();
    for index in 1.. {
        match table.raw_get::<Value>(index) {
            Ok(Value::Nil) | Err(_) => break,
            Ok(item) => items.push(to_reply(&item, depth + 1)),
        }
    }
    Reply::Array(items)
}
