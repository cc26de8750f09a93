-- People, conversations, messages, daily usage (docs/ARCHITECTURE.md, "Data").
-- Ids are UUIDv7 made by the functions: they sort by time, so a primary key is also the order.

create table users (
    id uuid primary key,
    email varchar(254),
    password_hash text,
    role text not null default 'guest' check (role in ('guest', 'user', 'admin')),
    -- How many conversations are not deleted. Kept by a trigger, so that a page of the list never counts rows.
    session_count integer not null default 0 check (session_count >= 0),
    created_at timestamptz not null default now(),
    check (role = 'guest' or (email is not null and password_hash is not null))
);
create unique index users_email on users (lower(email)) where email is not null;

create table chat_sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    title varchar(255) check (title <> ''),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
);
-- The list: own, not deleted, newest activity first.
create index chat_sessions_by_activity on chat_sessions (user_id, updated_at desc, id desc) where deleted_at is null;

create table chat_messages (
    id uuid primary key,
    session_id uuid not null references chat_sessions (id) on delete cascade,
    parent_id uuid references chat_messages (id) on delete cascade,
    role text not null check (role in ('user', 'assistant', 'system')),
    content text not null default '',
    status text not null check (status in ('complete', 'streaming', 'stopped', 'interrupted', 'failed')),
    model text,
    token_count integer check (token_count >= 0),
    created_at timestamptz not null default now(),
    -- When an answer's row was last written: one that is `streaming` without progress for 60 s has lost its instance.
    updated_at timestamptz not null default now()
);
-- Pages of a conversation and the model's context, newest first.
create index chat_messages_by_session on chat_messages (session_id, id desc);
-- Deleting a message looks for its children.
create index chat_messages_by_parent on chat_messages (parent_id) where parent_id is not null;

create table chat_usage_daily (
    user_id uuid not null references users (id) on delete cascade,
    day date not null,
    messages integer not null default 0 check (messages >= 0),
    prompt_tokens bigint not null default 0 check (prompt_tokens >= 0),
    completion_tokens bigint not null default 0 check (completion_tokens >= 0),
    primary key (user_id, day)
);

create function chat_sessions_counted() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.deleted_at is null then
        update users set session_count = session_count - 1 where id = old.user_id;
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        update users set session_count = session_count + 1 where id = new.user_id;
    end if;
    return null;
end
$$;
create trigger chat_sessions_inserted after insert or delete on chat_sessions
    for each row execute function chat_sessions_counted();
-- A rename or a new message is no reason to touch the person's row.
create trigger chat_sessions_moved after update of deleted_at, user_id on chat_sessions
    for each row when (old.deleted_at is distinct from new.deleted_at or old.user_id <> new.user_id)
    execute function chat_sessions_counted();
