drop table chat_usage_daily;
drop table chat_messages;
drop table chat_sessions;
drop function chat_sessions_counted();
drop table users;
