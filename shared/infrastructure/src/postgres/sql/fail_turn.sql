-- Nothing was delivered: the answer's row goes, the visitor's words stay, marked for Retry unless they have another answer. What was said
-- meanwhile follows them instead. Safe to repeat, also late: a message that was written again since is the next try's.
-- $1 user message, $2 assistant message
with answer as (
    delete from chat_messages where id = $2::uuid and status = 'streaming'
    returning created_at
), said_meanwhile as (
    update chat_messages set parent_id = $1::uuid where parent_id = $2::uuid and exists (select from answer)
)
update chat_messages set status = 'failed', updated_at = now()
where id = $1::uuid and updated_at <= (select created_at from answer)
  and not exists (select from chat_messages where parent_id = $1::uuid and role = 'assistant' and id <> $2::uuid)
returning id
