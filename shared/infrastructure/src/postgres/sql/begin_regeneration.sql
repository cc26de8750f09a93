-- Another answer to a message. Safe to repeat. No row: the session was deleted meanwhile.
-- $1 session, $2 user, $3 user message, $4 assistant message, $5 model, $6 run
with session as (
    update chat_sessions set updated_at = now()
    where id = $1::uuid and user_id = $2::uuid and deleted_at is null
    returning id
), question as (
    update chat_messages set status = 'complete', updated_at = now()
    where id = $3::uuid and status = 'failed' and exists (select from session)
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $4::uuid, id, $3::uuid, 'assistant', 'streaming', $5::text, $6::uuid from session
    on conflict (id) do nothing
)
select id as session_id from session
