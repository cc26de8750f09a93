-- What a user wants the model to know, and how it should answer (docs/context.md): the document, and what of it goes with each message.
create table user_context (
    user_id uuid primary key references users (id) on delete cascade,
    doc jsonb not null check (pg_column_size(doc) <= 16384),
    -- Made of the document when it is written, so that a message reads no more than it sends.
    instructions text,
    data text,
    updated_at timestamptz not null default now()
);

-- What a user thinks of an answer of theirs.
create table chat_feedback (
    message_id uuid primary key references chat_messages (id) on delete cascade,
    user_id uuid not null references users (id) on delete cascade,
    vote text not null check (vote in ('up', 'down')),
    reason varchar(500),
    created_at timestamptz not null default now()
);
-- Removing a user, or claiming a guest, looks for what they have said.
create index chat_feedback_by_user on chat_feedback (user_id);
