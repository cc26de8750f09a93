alter table chat_sessions drop column model;
