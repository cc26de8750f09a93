-- An answer can end because the model reached its limit of tokens, or because its provider filtered it.
alter table chat_messages drop constraint chat_messages_status_check;
alter table chat_messages add constraint chat_messages_status_check
    check (status in ('complete', 'truncated', 'filtered', 'streaming', 'stopped', 'interrupted', 'failed'));
