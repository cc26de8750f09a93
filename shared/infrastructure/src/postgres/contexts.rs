//! Statements about what users want the model to know.

use domain::{SentContext, Task, TaskStatus, User, UserContext};
use serde::{Deserialize, Serialize};
use wire::neon::Row;

use super::client::{Postgres, named, unexpected};
use super::statement;
use super::storage::bytes;
use crate::StoreError;

pub(super) const READ: &str = statement!("read_context");
pub(super) const WRITE: &str = statement!("write_context");

/// The tag of a document that was never written: `md5('{}')`.
const TAG_OF_NOTHING: &str = "99914b932bd37a50b983c5e7c90ae93b";

/// A document, and the tag of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptContext {
    /// The document.
    pub context: UserContext,
    /// Of 32 hexadecimal digits: the same document has the same.
    pub tag: String,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenContext {
    /// It is kept under this tag.
    Kept(String),
    /// Another version was there; nothing has changed.
    Changed,
    /// There is no space for it; nothing has changed.
    NoSpace,
}

impl Postgres {
    /// What a user wants the model to know.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_context(&self, caller: &User) -> Result<KeptContext, StoreError> {
        let rows = self.run_idempotent(READ, named(caller)).await?;
        let Some(row) = rows.first() else {
            return Ok(KeptContext { context: UserContext::default(), tag: TAG_OF_NOTHING.to_owned() });
        };
        let document: Document = serde_json::from_str(row.text("doc")?).map_err(|_| unexpected("a context"))?;
        Ok(KeptContext { context: document.read()?, tag: row.text("tag")?.to_owned() })
    }

    /// Keeps what a user wants the model to know, in the place of a version that has one of `tags` (`None`: of any). The database is full at `most_bytes` (`None`: no
    /// limit).
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn write_context(
        &self,
        caller: &User,
        context: &UserContext,
        tags: Option<&[String]>,
        most_bytes: Option<u64>,
    ) -> Result<WrittenContext, StoreError> {
        let SentContext { instructions, data } = context.sent();
        // Structs of texts: serialising them has no way to fail.
        let document = serde_json::to_string(&Document::of(context)).unwrap_or_default();
        let mut params = named(caller);
        params.extend([
            document.into(),
            instructions.into(),
            data.into(),
            tags.map(|tags| tags.join(",")).into(),
            bytes(most_bytes),
        ]);
        let rows = self.run_idempotent(WRITE, params).await?;
        let row = rows.first().ok_or_else(|| unexpected("the context"))?;
        Ok(match row.optional_text("tag")? {
            Some(tag) => WrittenContext::Kept(tag.to_owned()),
            None if row.integer("is_full")? == 1 => WrittenContext::NoSpace,
            None => WrittenContext::Changed,
        })
    }
}

/// What of a user's context goes with a message, in the last row of what opens a turn.
pub(super) fn sent_context(row: Row<'_>) -> Result<SentContext, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.optional_text(column)?.map(str::to_owned));
    Ok(SentContext { instructions: text("instructions")?, data: text("data")? })
}

/// The document as it is kept. Of one without anything in it nothing is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    #[serde(skip_serializing_if = "Preferences::is_empty")]
    preferences: Preferences,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<KeptTask>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Preferences {
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Preferences {
    fn is_empty(&self) -> bool {
        self.language.is_none() && self.tone.is_none() && self.name.is_none()
    }
}

#[derive(Serialize, Deserialize)]
struct KeptTask {
    title: String,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Group {
    name: String,
}

impl Document {
    fn of(context: &UserContext) -> Self {
        let UserContext { instructions, language, tone, name, tasks, groups } = context.clone();
        let task = |task: Task| KeptTask {
            title: task.title,
            status: task.status.name().to_owned(),
            due: task.due.map(|due| due.to_string()),
        };
        Self {
            instructions,
            preferences: Preferences { language, tone, name },
            tasks: tasks.into_iter().map(task).collect(),
            groups: groups.into_iter().map(|name| Group { name }).collect(),
        }
    }

    fn read(self) -> Result<UserContext, StoreError> {
        let due = |text: String| Task::due(&text).ok_or_else(|| unexpected("a day"));
        let task = |task: KeptTask| {
            let status = TaskStatus::from_name(&task.status).ok_or_else(|| unexpected("a task's status"))?;
            Ok(Task { title: task.title, status, due: task.due.map(due).transpose()? })
        };
        let Preferences { language, tone, name } = self.preferences;
        Ok(UserContext {
            instructions: self.instructions,
            language,
            tone,
            name,
            tasks: self.tasks.into_iter().map(task).collect::<Result<_, StoreError>>()?,
            groups: self.groups.into_iter().map(|group| group.name).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    #[test]
    fn a_document_is_read_as_it_is_written() {
        let context = UserContext {
            instructions: Some("Be brief.".to_owned()),
            language: Some("de".to_owned()),
            tone: Some("dry".to_owned()),
            name: Some("Jo".to_owned()),
            tasks: vec![
                Task { title: "a".to_owned(), status: TaskStatus::Done, due: Some(Date::constant(2026, 12, 1)) },
                Task { title: "b".to_owned(), status: TaskStatus::Open, due: None },
            ],
            groups: vec!["4b".to_owned()],
        };
        for context in [context, UserContext::default()] {
            let text = serde_json::to_string(&Document::of(&context)).unwrap();
            assert_eq!(serde_json::from_str::<Document>(&text).unwrap().read().unwrap(), context, "{text}");
        }
        assert_eq!(serde_json::to_string(&Document::of(&UserContext::default())).unwrap(), "{}");
    }
}
