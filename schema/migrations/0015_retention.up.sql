-- How long what is kept stays (docs/reliability.md, "Retention"): what a run of maintenance looks for, so that it reads no table as a whole.

-- When somebody last wrote, by the day: of a day's messages the first alone touches an index. Reading leaves no trace.
alter table users add column active_on date not null default (now() at time zone 'utc')::date;
update users u set active_on = (greatest(u.created_at, (select max(s.updated_at) from chat_sessions s where s.user_id = u.id)) at time zone 'utc')::date;

-- Guests whom nobody has heard of for long. One who was claimed goes with the account.
create index users_idle_guests on users (active_on, id) where role = 'guest' and claimed_by is null and deleted_at is null;
-- Conversations that nobody has touched for long, and those whose deletion is not undone any more.
create index chat_sessions_idle on chat_sessions (updated_at) where deleted_at is null;
create index chat_sessions_deleted on chat_sessions (deleted_at, id) where deleted_at is not null;

-- As before; what makes a conversation longer says that its user is there.
create or replace function chat_session_grown(session uuid, more bigint) returns void language plpgsql as $$
declare
    owner uuid;
begin
    if more <> 0 then
        perform from users where id = (select user_id from chat_sessions where id = session) for no key update;
        update chat_sessions set bytes = bytes + more where id = session
        returning case when deleted_at is null then user_id end into owner;
        update users set bytes = bytes + more, active_on = case when more > 0 then (now() at time zone 'utc')::date else active_on end
        where id = owner;
    end if;
end
$$;

-- As before; so does what makes or restores one.
create or replace function chat_sessions_counted() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.deleted_at is null then
        update users set session_count = session_count - 1, empty_count = empty_count - old.is_empty::int, bytes = bytes - old.bytes
        where id = old.user_id;
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        update users set session_count = session_count + 1, empty_count = empty_count + new.is_empty::int, bytes = bytes + new.bytes,
            active_on = (now() at time zone 'utc')::date
        where id = new.user_id;
    end if;
    return null;
end
$$;
