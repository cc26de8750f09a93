drop index chat_messages_created;
alter table chat_messages drop column ttft_ms, drop column duration_ms, drop column prompt_tokens, drop column code;
