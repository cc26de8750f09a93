alter table chat_messages drop constraint chat_messages_parent_id_fkey;
alter table chat_messages add constraint chat_messages_parent_id_fkey foreign key (parent_id) references chat_messages (id) on delete cascade;
