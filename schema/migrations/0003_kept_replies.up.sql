-- What was said after a message outlives it: an answer that never began takes nothing with it when its row goes.
alter table chat_messages drop constraint chat_messages_parent_id_fkey;
alter table chat_messages add constraint chat_messages_parent_id_fkey foreign key (parent_id) references chat_messages (id);
