-- What is kept, in bytes: of a conversation, of a user, of the whole database (docs/reliability.md, "Space").

-- What a message takes: its text, and about as much as its row and index entries do. An answer without a word yet is none.
create function chat_message_bytes(content text) returns bigint language sql immutable as $$
    select case when content = '' then 0 else octet_length(content) + 200 end
$$;

-- Of all messages of a conversation, and of all conversations of a user that are not deleted: a deletion makes room at once.
alter table chat_sessions add column bytes bigint not null default 0 check (bytes >= 0);
alter table users add column bytes bigint not null default 0 check (bytes >= 0);

-- What `delete_session` looks for: deleted sessions without a message, of which a user keeps the last few.
create index chat_sessions_deleted_empty on chat_sessions (user_id, deleted_at desc, id desc) where is_empty and deleted_at is not null;

-- Kept by triggers, so that no statement can forget it; once a statement, because each change leaves an old version of both rows behind.
create function chat_session_grown(session uuid, more bigint) returns void language plpgsql as $$
declare
    owner uuid;
begin
    if more <> 0 then
        update chat_sessions set bytes = bytes + more where id = session
        returning case when deleted_at is null then user_id end into owner;
        update users set bytes = bytes + more where id = owner;
    end if;
end
$$;
create function chat_messages_weighed() returns trigger language plpgsql as $$
declare
    session uuid;
    more bigint;
begin
    if tg_op = 'INSERT' then
        for session, more in
            select session_id, sum(chat_message_bytes(content)) from added group by session_id order by session_id
        loop
            perform chat_session_grown(session, more);
        end loop;
    elsif tg_op = 'DELETE' then
        for session, more in
            select session_id, -sum(chat_message_bytes(content)) from removed group by session_id order by session_id
        loop
            perform chat_session_grown(session, more);
        end loop;
    else
        for session, more in
            select session_id, sum(bytes) from (
                select session_id, chat_message_bytes(content) as bytes from added
                union all select session_id, -chat_message_bytes(content) from removed
            ) changes group by session_id order by session_id
        loop
            perform chat_session_grown(session, more);
        end loop;
    end if;
    return null;
end
$$;
create trigger chat_messages_inserted after insert on chat_messages
    referencing new table as added for each statement execute function chat_messages_weighed();
create trigger chat_messages_deleted after delete on chat_messages
    referencing old table as removed for each statement execute function chat_messages_weighed();
create trigger chat_messages_rewritten after update on chat_messages
    referencing old table as removed new table as added for each statement execute function chat_messages_weighed();

-- What is there already, now that nobody else can write a message before the triggers hold.
update chat_sessions s set bytes = m.bytes
from (select session_id, sum(chat_message_bytes(content)) as bytes from chat_messages group by session_id) m
where m.session_id = s.id and m.bytes > 0;
update users u set bytes = s.bytes
from (select user_id, sum(bytes) as bytes from chat_sessions where deleted_at is null group by user_id) s
where s.user_id = u.id and s.bytes > 0;

create or replace function chat_sessions_counted() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.deleted_at is null then
        update users set session_count = session_count - 1, empty_count = empty_count - old.is_empty::int, bytes = bytes - old.bytes
        where id = old.user_id;
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        update users set session_count = session_count + 1, empty_count = empty_count + new.is_empty::int, bytes = bytes + new.bytes
        where id = new.user_id;
    end if;
    return null;
end
$$;

-- How large the database is, as it was measured last: one row. `told_on`: the day on which the log was told that it fills up.
create table chat_storage (
    id boolean primary key default true check (id),
    bytes bigint not null default 0,
    measured_at timestamptz not null default '-infinity',
    told_on date
);
insert into chat_storage default values;

-- Measures once an hour, and each five minutes while there are more than $1 bytes: then says so, once a day.
create function chat_storage_measured(low bigint) returns boolean language plpgsql strict as $$
declare
    size bigint;
    is_told boolean;
begin
    if not exists (
        select from chat_storage
        where measured_at < now() - case when bytes >= low then interval '5 minutes' else interval '1 hour' end
    ) then
        return false;
    end if;
    size := pg_database_size(current_database());
    -- Of two at once the second finds it measured.
    update chat_storage set bytes = size, measured_at = now()
    where measured_at < now() - case when bytes >= low then interval '5 minutes' else interval '1 hour' end
    returning told_on is distinct from (now() at time zone 'utc')::date into is_told;
    if size < low or not coalesce(is_told, false) then
        return false;
    end if;
    update chat_storage set told_on = (now() at time zone 'utc')::date;
    return true;
end
$$;
