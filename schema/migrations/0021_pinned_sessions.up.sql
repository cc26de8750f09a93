-- Conversations that their visitor wants above the others in the list.
alter table chat_sessions add column pinned boolean not null default false;
-- They are few, so a message to any other costs nothing here.
create index chat_sessions_pinned on chat_sessions (user_id, updated_at desc, id desc) where pinned and deleted_at is null;

-- Whether one more may be pinned. The count begins after the lock and sees what others have written until then: many at once pass no limit.
create function chat_has_room_for_pin(owner uuid, session uuid, most integer) returns boolean language plpgsql as $$
begin
    perform from users where id = owner for no key update;
    return (select count(*) < most from chat_sessions where user_id = owner and pinned and deleted_at is null and id <> session);
end
$$;
