-- Nothing was delivered: the answer's row goes, the visitor's words stay, marked for Retry unless they have another answer. Safe to repeat.
-- $1 user message, $2 assistant message
with answer as (
    delete from chat_messages where id = $2::uuid and status = 'streaming'
    returning id
)
update chat_messages set status = 'failed', updated_at = now()
where id = $1::uuid and exists (select from answer)
  and not exists (select from chat_messages where parent_id = $1::uuid and role = 'assistant' and id <> $2::uuid)
returning id
