-- The model that a conversation's visitor has chosen (CHAT_MODEL_CHOICE); null: nobody has, and the first is asked.
alter table chat_sessions add column model varchar(200);
