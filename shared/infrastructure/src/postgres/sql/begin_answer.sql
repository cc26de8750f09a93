-- A turn in an existing session. A message that a try which failed has left under this id is taken up. Safe to repeat. No row: the session was deleted meanwhile.
-- $1 session, $2 user, $3 title if it has none, $4 user message, $5 its parent, $6 its text, $7 assistant message, $8 model, $9 run
with session as (
    update chat_sessions set updated_at = now(), title = coalesce(title, $3::text), is_empty = false
    where id = $1::uuid and user_id = $2::uuid and deleted_at is null
    returning id
), question as (
    insert into chat_messages (id, session_id, parent_id, role, content, status)
    select $4::uuid, id, $5::uuid, 'user', $6::text, 'complete' from session
    on conflict (id) do update set status = 'complete',
        -- Sent twice it changes nothing: the moment tells which try an end is of.
        updated_at = case when chat_messages.status = 'failed' then now() else chat_messages.updated_at end
        where chat_messages.session_id = excluded.session_id
    returning id
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $7::uuid, session.id, question.id, 'assistant', 'streaming', $8::text, $9::uuid from session, question
    on conflict (id) do nothing
)
select session.id from session, question
