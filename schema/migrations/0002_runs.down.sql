alter table chat_messages drop column run;
