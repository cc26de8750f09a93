drop function chat_has_room_for_pin(uuid, uuid, integer);
drop index chat_sessions_pinned;
alter table chat_sessions drop column pinned;
