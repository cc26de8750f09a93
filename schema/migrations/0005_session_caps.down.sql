drop trigger chat_sessions_moved on chat_sessions;
create or replace function chat_sessions_counted() returns trigger language plpgsql as $$
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
create trigger chat_sessions_moved after update of deleted_at, user_id on chat_sessions
    for each row when (old.deleted_at is distinct from new.deleted_at or old.user_id <> new.user_id)
    execute function chat_sessions_counted();
alter table users drop column empty_count;
alter table chat_sessions drop column is_empty;
