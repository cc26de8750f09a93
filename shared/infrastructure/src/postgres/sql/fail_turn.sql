-- Nothing was delivered: the answer's row goes, the visitor's words stay, marked for Retry. Safe to repeat.
-- $1 user message, $2 assistant message
with answer as (
    delete from chat_messages where id = $2::uuid and status = 'streaming'
    returning id
)
update chat_messages set status = 'failed', updated_at = now()
where id = $1::uuid and exists (select from answer)
returning id
