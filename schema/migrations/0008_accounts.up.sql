-- Accounts: ways in, signed-in sessions, and what ends a token. A guest who signs up is claimed: the row stays and names its account.
alter table users drop constraint users_check;
alter table users drop column password_hash;
-- `email` is a verified address from here on. What stands there was put by hand, so its operator vouches for it.
alter table users
    add column email_verified_at timestamptz,
    -- Locked at once, removed in steps.
    add column deleted_at timestamptz,
    add column blocked_until timestamptz,
    -- Tokens that were issued before prove nothing any more.
    add column tokens_valid_after timestamptz not null default '-infinity',
    add column claimed_by uuid references users (id) on delete cascade;
update users set email_verified_at = created_at where email is not null;
alter table users add constraint users_email_verified check (email is null or email_verified_at is not null);
-- Deleting an account looks for the guests it has claimed; a token says which of them was claimed last.
create index users_claimed on users (claimed_by, tokens_valid_after) where claimed_by is not null;
-- What the daily run has to finish.
create index users_deleted on users (deleted_at) where deleted_at is not null;

-- Passkeys.
create table user_keys (
    id bytea primary key,
    user_id uuid not null references users (id) on delete cascade,
    public_key bytea not null,
    alg integer not null,
    sign_count bigint not null default 0 check (sign_count >= 0),
    backed_up boolean not null default false,
    name varchar(100) not null default '',
    created_at timestamptz not null default now(),
    used_at timestamptz
);
create index user_keys_by_user on user_keys (user_id);

-- Providers. A subject is known by its issuer.
create table user_logins (
    provider text not null,
    subject text not null,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (provider, subject)
);
create index user_logins_by_user on user_logins (user_id);

-- Passwords. `login` is an address that nobody has verified: it is a name, so that who takes another's keeps its owner from no other way in.
create table user_passwords (
    user_id uuid primary key references users (id) on delete cascade,
    login varchar(254) not null check (login = lower(login)),
    -- HMAC of what the browser made of the password, by the pepper of that id; and how the browser made it.
    mac bytea not null,
    pepper text not null,
    salt bytea not null,
    params text not null,
    -- HMAC of the recovery code; null: used up.
    recovery_mac bytea,
    updated_at timestamptz not null default now()
);
create unique index user_passwords_login on user_passwords (login);

-- Signed-in devices. The refresh token is known by its hash, and the one before for 30 s.
create table auth_sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    token_hash bytea not null,
    previous_hash bytea,
    rotated_at timestamptz not null default now(),
    user_agent varchar(255) not null default '',
    created_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index auth_sessions_by_user on auth_sessions (user_id);
create index auth_sessions_by_end on auth_sessions (expires_at);

-- All of a user's conversations, deleted ones too: they are claimed, exported and removed.
create index chat_sessions_by_user on chat_sessions (user_id, id);

-- The caller of a statement, if their token still proves something: a statement that names its user by this asks no question of its own.
-- EW001: the guest was claimed; EW002: the token, its device or its user has ended; EW003: the user is blocked.
create function chat_caller(caller uuid, issued timestamptz, device uuid) returns uuid language plpgsql stable as $$
declare
    person record;
begin
    select claimed_by, deleted_at, blocked_until, tokens_valid_after into person from users where id = caller;
    if person.claimed_by is not null then
        raise exception 'the guest was claimed' using errcode = 'EW001';
    elsif person.deleted_at is not null or person.tokens_valid_after > coalesce(issued, '-infinity')
        or (device is not null and not exists (select from auth_sessions a where a.id = device and a.user_id = caller)) then
        raise exception 'the token has ended' using errcode = 'EW002';
    elsif person.blocked_until > now() then
        raise exception 'the user is blocked' using errcode = 'EW003';
    end if;
    return caller;
end
$$;

-- As before, but the user's row is locked before the session's: so does a claim, and everything that begins in a conversation or deletes one.
create or replace function chat_session_grown(session uuid, more bigint) returns void language plpgsql as $$
declare
    owner uuid;
begin
    if more <> 0 then
        perform from users where id = (select user_id from chat_sessions where id = session) for no key update;
        update chat_sessions set bytes = bytes + more where id = session
        returning case when deleted_at is null then user_id end into owner;
        update users set bytes = bytes + more where id = owner;
    end if;
end
$$;
