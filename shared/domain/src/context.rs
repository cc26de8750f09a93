//! What a user wants the model to know of them, and how it should answer: the document, and what of it is sent with a message.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::text::{is_blank, name, with_newlines};
use crate::turn::{SentContext, estimated_tokens};

/// The most tokens of the block of data, estimated.
pub const CONTEXT_TOKENS: u64 = 1_500;

/// The most characters of the instructions.
const INSTRUCTIONS_CHARS: usize = 1_000;
/// The most characters of a language, a tone, a name, a group's name.
const WORD_CHARS: usize = 100;
/// The most characters of a task's title.
const TITLE_CHARS: usize = 200;
/// The most tasks.
const MOST_TASKS: usize = 50;
/// The most groups.
const MOST_GROUPS: usize = 20;
/// The most bytes of all texts together: with the names around them they stay below what the database's check allows.
const MOST_BYTES: usize = 10_000;

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// Not begun.
    Open,
    /// Begun.
    Doing,
    /// Done.
    Done,
}

impl TaskStatus {
    /// The name in the API, the database and the prompt.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Doing => "doing",
            Self::Done => "done",
        }
    }

    /// Reads a name; `None` for one that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Doing, Self::Done].into_iter().find(|status| status.name() == name)
    }
}

/// Something that its user has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What.
    pub title: String,
    /// How far it has come.
    pub status: TaskStatus,
    /// By when.
    pub due: Option<Date>,
}

impl Task {
    /// Reads a day as `2026-12-31`; `None`: there is no such day.
    #[must_use]
    pub fn due(text: &str) -> Option<Date> {
        let digits = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let part = |from: usize, to: usize| text.get(from..to).filter(|_| digits);
        let (year, month, day) = (part(0, 4)?.parse().ok()?, part(5, 7)?.parse().ok()?, part(8, 10)?.parse().ok()?);
        Date::new(year, month, day).ok()
    }
}

/// The document: what a user says of themselves, the oldest task first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserContext {
    /// How the model should answer, in the user's words.
    pub instructions: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// In which tone.
    pub tone: Option<String>,
    /// What the user is called.
    pub name: Option<String>,
    /// What they have to do.
    pub tasks: Vec<Task>,
    /// What they belong to.
    pub groups: Vec<String>,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct ContextError {
    /// Where: a member, as `tasks[3].title`.
    pub field: String,
    /// What.
    pub fault: ContextFault,
}

/// In which way a document is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextFault {
    /// A name of which nothing can be seen.
    #[error("is empty")]
    Blank,
    /// Too many characters.
    #[error("has {chars} characters, at most {max} are allowed")]
    TooLong {
        /// How many there are.
        chars: usize,
        /// How many are allowed.
        max: usize,
    },
    /// Too many entries.
    #[error("has more than {max} entries")]
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// All texts together have too many bytes.
    #[error("has {bytes} bytes with all others, at most {max} are allowed")]
    TooLarge {
        /// How many there are, in UTF-8.
        bytes: usize,
        /// How many are allowed.
        max: usize,
    },
}

impl UserContext {
    /// The document as it is kept: control characters are removed, names stand on one line, and what cannot be seen is not there.
    ///
    /// # Errors
    /// [`ContextError`]: the first member that is out of its bounds.
    pub fn checked(self) -> Result<Self, ContextError> {
        let wrong = |field: &str, fault| ContextError { field: field.to_owned(), fault };
        if self.tasks.len() > MOST_TASKS {
            return Err(wrong("tasks", ContextFault::TooMany { max: MOST_TASKS }));
        }
        if self.groups.len() > MOST_GROUPS {
            return Err(wrong("groups", ContextFault::TooMany { max: MOST_GROUPS }));
        }
        let preference = |field: &str, text: Option<String>| match text {
            Some(text) => line(field, &text, WORD_CHARS).map(|text| Some(text).filter(|text| !text.is_empty())),
            None => Ok(None),
        };
        let title = |(at, task): (usize, Task)| {
            let title = some_line(&format!("tasks[{at}].title"), &task.title, TITLE_CHARS)?;
            Ok(Task { title, ..task })
        };
        let group = |(at, group): (usize, String)| some_line(&format!("groups[{at}].name"), &group, WORD_CHARS);
        let checked = Self {
            instructions: self.instructions.map(|text| instructions(&text)).transpose()?.flatten(),
            language: preference("preferences.language", self.language)?,
            tone: preference("preferences.tone", self.tone)?,
            name: preference("preferences.name", self.name)?,
            tasks: self.tasks.into_iter().enumerate().map(title).collect::<Result<_, _>>()?,
            groups: self.groups.into_iter().enumerate().map(group).collect::<Result<_, _>>()?,
        };
        let bytes = checked.texts().map(str::len).sum();
        match bytes > MOST_BYTES {
            true => Err(wrong("tasks", ContextFault::TooLarge { bytes, max: MOST_BYTES })),
            false => Ok(checked),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let said = [&self.instructions, &self.language, &self.tone, &self.name].into_iter().flatten();
        said.chain(self.tasks.iter().map(|task| &task.title)).chain(&self.groups).map(String::as_str)
    }

    /// What of it goes with each message. Of a document with too many tokens the oldest tasks that are done are left out first, then the oldest
    /// others, then groups.
    #[must_use]
    pub fn sent(&self) -> SentContext {
        let mut tasks: Vec<&Task> = self.tasks.iter().collect();
        let mut groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        let mut data = self.data(&tasks, &groups);
        while estimated_tokens(&data) > CONTEXT_TOKENS {
            let done = tasks.iter().position(|task| task.status == TaskStatus::Done);
            match done.or((!tasks.is_empty()).then_some(0)) {
                Some(at) => drop(tasks.remove(at)),
                None if groups.pop().is_none() => break,
                None => {}
            }
            data = self.data(&tasks, &groups);
        }
        SentContext { instructions: self.instructions.clone(), data: Some(data).filter(|data| data != "{}") }
    }

    /// One line of JSON.
    fn data(&self, tasks: &[&Task], groups: &[&str]) -> String {
        let mut preferences = Vec::new();
        for (key, text) in [("name", &self.name), ("language", &self.language), ("tone", &self.tone)] {
            preferences.extend(text.as_ref().map(|text| format!("\"{key}\":{}", quoted(text))));
        }
        let task = |task: &&Task| {
            let due = task.due.map(|due| format!(",\"due\":\"{due}\"")).unwrap_or_default();
            format!("{{\"title\":{},\"status\":\"{}\"{due}}}", quoted(&task.title), task.status.name())
        };
        let group = |name: &&str| format!("{{\"name\":{}}}", quoted(name));
        let mut members = Vec::new();
        if !preferences.is_empty() {
            members.push(format!("\"preferences\":{{{}}}", preferences.join(",")));
        }
        if !tasks.is_empty() {
            members.push(format!("\"tasks\":[{}]", tasks.iter().map(task).collect::<Vec<_>>().join(",")));
        }
        if !groups.is_empty() {
            members.push(format!("\"groups\":[{}]", groups.iter().map(group).collect::<Vec<_>>().join(",")));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// A name on one line.
fn line(field: &str, text: &str, max: usize) -> Result<String, ContextError> {
    name(text, max).map_err(|chars| too_long(field, chars, max))
}

/// A name that must be there.
fn some_line(field: &str, text: &str, max: usize) -> Result<String, ContextError> {
    let kept = line(field, text, max)?;
    if kept.is_empty() {
        return Err(ContextError { field: field.to_owned(), fault: ContextFault::Blank });
    }
    Ok(kept)
}

fn instructions(text: &str) -> Result<Option<String>, ContextError> {
    let mut kept = with_newlines(text);
    kept.retain(|character| !character.is_control() || matches!(character, '\n' | '\t'));
    let kept = kept.trim();
    match kept.chars().count() {
        _ if is_blank(kept) => Ok(None),
        chars if chars > INSTRUCTIONS_CHARS => Err(too_long("instructions", chars, INSTRUCTIONS_CHARS)),
        _ => Ok(Some(kept.to_owned())),
    }
}

fn too_long(field: &str, chars: usize, max: usize) -> ContextError {
    ContextError { field: field.to_owned(), fault: ContextFault::TooLong { chars, max } }
}

/// A text in JSON. A backtick is written as an escape: nothing in it ends the block that it stands in.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '`' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a text has no way to fail.
                let _written = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests;
