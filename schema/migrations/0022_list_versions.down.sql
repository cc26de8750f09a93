drop trigger chat_sessions_listed on chat_sessions;
drop function chat_sessions_listed();
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
drop function chat_list_change();
alter table users drop column list_version;
