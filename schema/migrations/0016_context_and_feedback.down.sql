drop table chat_feedback;
drop table user_context;
