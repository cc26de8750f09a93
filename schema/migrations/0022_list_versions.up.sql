-- What the list of sessions is known by (`ETag` of `GET /chat/sessions`): the transaction that was the last to change what it shows. Each of them has a number
-- of its own, so that a change of several rows is one, and is told once.
alter table users add column list_version bigint not null default 0;

create function chat_list_change() returns bigint language sql stable as $$
    select pg_current_xact_id()::text::bigint
$$;

-- As before; what comes to a list or leaves it changes it.
create or replace function chat_sessions_counted() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.deleted_at is null then
        update users set session_count = session_count - 1, empty_count = empty_count - old.is_empty::int, bytes = bytes - old.bytes,
            list_version = chat_list_change()
        where id = old.user_id;
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        update users set session_count = session_count + 1, empty_count = empty_count + new.is_empty::int, bytes = bytes + new.bytes,
            active_on = (now() at time zone 'utc')::date, list_version = chat_list_change()
        where id = new.user_id;
    end if;
    return null;
end
$$;

-- As before; a message moves its session in the list, in the row version that its bytes need anyway. The words of an answer move nothing.
create or replace function chat_session_grown(session uuid, more bigint) returns void language plpgsql as $$
declare
    owner uuid;
    is_moved boolean;
begin
    if more <> 0 then
        perform from users where id = (select user_id from chat_sessions where id = session) for no key update;
        update chat_sessions set bytes = bytes + more where id = session
        returning case when deleted_at is null then user_id end, updated_at = now() into owner, is_moved;
        update users set bytes = bytes + more, active_on = case when more > 0 then (now() at time zone 'utc')::date else active_on end,
            list_version = case when is_moved then chat_list_change() else list_version end
        where id = owner;
    end if;
end
$$;

-- Whatever else a row of the list shows. It waits for the end of the transaction: the triggers above have told a message's by then. Whoever changes a session
-- has its user's row locked before, as all do that lock both.
create function chat_sessions_listed() returns trigger language plpgsql as $$
begin
    update users set list_version = chat_list_change() where id = new.user_id and list_version <> chat_list_change();
    return null;
end
$$;
create constraint trigger chat_sessions_listed after update of title, model, pinned, updated_at, created_at on chat_sessions
    deferrable initially deferred for each row
    when (new.deleted_at is null and (old.title, old.model, old.pinned, old.updated_at, old.created_at)
        is distinct from (new.title, new.model, new.pinned, new.updated_at, new.created_at))
    execute function chat_sessions_listed();
