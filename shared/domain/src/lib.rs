//! Rules as values: who, what, in which state, how much is left. No I/O, no clock, no formats of others.

mod account;
mod alert;
mod api_key;
mod breaker;
mod context;
mod day;
mod feedback;
mod figures;
mod grapheme;
mod idempotency;
mod identity;
mod ids;
mod imported;
mod mail;
mod message;
mod models;
mod origin;
mod passkey;
mod quota;
mod retention;
mod retry;
mod rollout;
mod search;
mod session;
mod share;
mod storage;
mod text;
mod title;
mod turn;
mod user;

pub use account::{AdminList, LoginName, LoginNameError};
pub use alert::{Alert, Evidence};
pub use api_key::{ApiKey, ApiKeyName, ApiKeyNameError, MOST_API_KEY_DAYS, MOST_API_KEYS};
pub use breaker::{
    ADDRESS_COUNTS_ONCE_IN, ADDRESS_PROBES_AGAIN_AFTER, BREAKER_ADDRESSES, BREAKER_PAUSE, BreakerChange,
    PROBE_BEYOND_FIRST_BYTE, Pause,
};
pub use context::{CONTEXT_TOKENS, ContextError, ContextFault, Task, TaskStatus, UserContext};
pub use day::{DAY_MS, day_of, end_of_day};
pub use feedback::{Feedback, FeedbackError, Vote};
pub use figures::{
    BreakerState, BusyUser, Figures, HourFigures, ModelFigures, ModelVotes, OVERVIEW_DAYS, Percentiles, SharedFigures,
};
pub use idempotency::{IdempotencyKey, IdempotencyKeyError};
pub use identity::{Identity, MOST_IDENTITIES, ProviderId};
pub use ids::{ApiKeyId, DeviceId, IdError, MessageId, RequestId, SessionId, ShareId, UserId};
pub use imported::{IMPORTED_BYTES, IMPORTED_CHARS, IMPORTED_MESSAGES, ImportedMessage};
pub use mail::{MailAddress, MailAddressError, MailPurpose};
pub use message::{
    DEAD_AFTER, FinishReason, Message, MessageRole, MessageStatus, MessageText, SAVE_EVERY, SILENCE_LIMIT, TextError,
    WrongMessage,
};
pub use models::{
    MOST_DOLLARS, ModelFault, ModelIdError, ModelList, ModelListError, OfferedModel, TokenPrice, micro_dollars,
};
pub use origin::{PublicOrigin, PublicOriginError};
pub use passkey::{MOST_PASSKEYS, Passkey, PasskeyId, PasskeyName, PasskeyNameError};
pub use quota::{
    ANSWER_RETRY, DayWindow, Limits, MinuteWindow, REFUSALS, Refusal, RefusedBy, RunningAnswers, Standing,
};
pub use retention::{Chore, MaintenanceRun, Retention, Step, Tended};
pub use retry::pause_before_retry;
pub use rollout::{Rollout, RolloutError};
pub use search::{
    HITS_PER_SESSION, NoSearchPlace, SEARCHED_BYTES, SEARCHED_MESSAGES, SEARCHED_SESSIONS, SearchPlace, SearchText,
    SearchTextError,
};
pub use session::{MOST_PINNED, Session, SessionCap, SessionTitle, TitleError};
pub use share::{MOST_SHARES, SHARED_MESSAGES, Share, ShareLife, ShareLifeError, SharedBranch, SharedMessage};
pub use storage::{ROW_BYTES, StorageFull, StorageLimits, StorageUse, kept_bytes};
pub use title::title_from;
pub use turn::{
    Action, AnswerEnd, AnswerTimes, Asked, BeginOutcome, Beginning, CallOutcome, ChargeEnd, Ending, FailedTry, Fault,
    KeyEnd, NewTurn, NotPlanned, Plan, Prompt, PromptLimits, PromptMessage, RETURNS_PER_DAY, Received, SentContext,
    StopWish, TITLE_PROMPT_TOKENS, TokenUsage, TurnContext, TurnEnd, TurnIds, TurnLine, bytes_within, chars_within,
    estimated_tokens, thinks_aloud, title_given, title_prompt, title_tokens,
};
pub use user::{Role, User};
