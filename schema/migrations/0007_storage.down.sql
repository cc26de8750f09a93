drop function chat_storage_measured(bigint);
drop table chat_storage;
create or replace function chat_sessions_counted() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.deleted_at is null then
        update users set session_count = session_count - 1, empty_count = empty_count - old.is_empty::int where id = old.user_id;
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        update users set session_count = session_count + 1, empty_count = empty_count + new.is_empty::int where id = new.user_id;
    end if;
    return null;
end
$$;
drop trigger chat_messages_rewritten on chat_messages;
drop trigger chat_messages_deleted on chat_messages;
drop trigger chat_messages_inserted on chat_messages;
drop function chat_messages_weighed();
drop function chat_session_grown(uuid, bigint);
drop index chat_sessions_deleted_empty;
alter table users drop column bytes;
alter table chat_sessions drop column bytes;
drop function chat_message_bytes(text);
