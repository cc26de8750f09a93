-- A turn that starts its session. Whoever has no row yet is a guest and gets it with it. Foreign keys are checked when the whole statement ends.
-- What a try that failed has left under these ids is taken up. Safe to repeat. No row: the session is somebody else's.
-- $1 session, $2 user, $3 title, $4 user message, $5 its text, $6 assistant message, $7 model, $8 run
with person as (
    insert into users (id, role) values ($2::uuid, 'guest')
    on conflict (id) do nothing
), session as (
    insert into chat_sessions (id, user_id, title) values ($1::uuid, $2::uuid, $3::text)
    on conflict (id) do update set updated_at = now(), deleted_at = null where chat_sessions.user_id = excluded.user_id
    returning id
), question as (
    insert into chat_messages (id, session_id, role, content, status)
    select $4::uuid, id, 'user', $5::text, 'complete' from session
    on conflict (id) do update set status = 'complete', updated_at = now() where chat_messages.session_id = excluded.session_id
    returning id
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $6::uuid, session.id, question.id, 'assistant', 'streaming', $7::text, $8::uuid from session, question
    on conflict (id) do nothing
)
select session.id from session, question
