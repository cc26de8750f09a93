-- Such answers were stored as whole before.
update chat_messages set status = 'complete' where status in ('truncated', 'filtered');
alter table chat_messages drop constraint chat_messages_status_check;
alter table chat_messages add constraint chat_messages_status_check
    check (status in ('complete', 'streaming', 'stopped', 'interrupted', 'failed'));
