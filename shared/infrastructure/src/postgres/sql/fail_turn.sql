-- Undoes a turn without an answer: deletes the answer's row and marks the question `failed`, unless it has another answer. Messages that followed the answer
-- meanwhile follow the question instead. Safe to repeat, also late: a question that the next try has written again since is left alone.
-- $1 user message, $2 assistant message, $3 the code of what went wrong (null: the reader left)
with answer as (
    delete from chat_messages where id = $2::uuid and status = 'streaming'
    returning created_at
), said_meanwhile as (
    update chat_messages set parent_id = $1::uuid where parent_id = $2::uuid and exists (select from answer)
)
update chat_messages set status = 'failed', code = $3::text, updated_at = now()
where id = $1::uuid and updated_at <= (select created_at from answer)
  and not exists (select from chat_messages where parent_id = $1::uuid and role = 'assistant' and id <> $2::uuid)
returning id
