-- Links that show one branch of a session to others. Messages are never overwritten, so a link is a pointer to the branch's last one and copies no text.
-- It is known by the hash of its token. It shows something only while its session and its session's user are there.
create table shares (
    id uuid primary key,
    token_hash bytea not null unique,
    user_id uuid not null references users (id) on delete cascade,
    session_id uuid not null references chat_sessions (id) on delete cascade,
    leaf_id uuid not null references chat_messages (id) on delete cascade,
    -- As it was when the link was made or moved.
    title varchar(255),
    revision integer not null default 1,
    -- Answers of the branch that had broken off then: they may be continued in their own rows, and a reader sees so many characters of them.
    cut_ids uuid[] not null default '{}',
    cut_chars integer[] not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
-- Somebody's own links, newest first.
create index shares_by_user on shares (user_id, id desc);
-- Deleting a session or a message looks for its links.
create index shares_by_session on shares (session_id);
create index shares_by_leaf on shares (leaf_id);
