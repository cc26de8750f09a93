-- How many conversations a user has without a message, kept by the trigger that keeps `session_count`: both are read under the lock of
-- the user's row when one is added, so that no number of requests at once passes a limit.
alter table chat_sessions add column is_empty boolean not null default false;
alter table users add column empty_count integer not null default 0 check (empty_count >= 0);

update chat_sessions s set is_empty = true
where not exists (select from chat_messages m where m.session_id = s.id);
update users u set empty_count = s.empty
from (select user_id, count(*) as empty from chat_sessions where is_empty and deleted_at is null group by user_id) s
where s.user_id = u.id;

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
drop trigger chat_sessions_moved on chat_sessions;
-- A rename or a later message is no reason to touch the person's row.
create trigger chat_sessions_moved after update of deleted_at, user_id, is_empty on chat_sessions
    for each row when (old.deleted_at is distinct from new.deleted_at or old.user_id <> new.user_id or old.is_empty <> new.is_empty)
    execute function chat_sessions_counted();
