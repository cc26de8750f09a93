-- Keys of accounts for clients of OpenAI's API. A key is known by its hash alone; nothing of it is kept that could be shown again.
create table api_keys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    hash bytea not null unique,
    name varchar(100) not null check (name <> ''),
    created_at timestamptz not null default now(),
    -- The last day (UTC) on which somebody has come by it.
    used_on date,
    -- Null: it does not end by itself.
    expires_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_by_user on api_keys (user_id);
