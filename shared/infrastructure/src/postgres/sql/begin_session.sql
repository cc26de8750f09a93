-- A turn that starts its session. Whoever has no row yet is a guest and gets it with it. Foreign keys are checked when the whole statement ends.
-- $1 session, $2 user, $3 title, $4 user message, $5 its text, $6 assistant message, $7 model, $8 run
with person as (
    insert into users (id, role) values ($2::uuid, 'guest')
    on conflict (id) do nothing
), session as (
    insert into chat_sessions (id, user_id, title) values ($1::uuid, $2::uuid, $3::text)
    returning id
), question as (
    insert into chat_messages (id, session_id, role, content, status)
    select $4::uuid, id, 'user', $5::text, 'complete' from session
    returning id
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $6::uuid, session.id, question.id, 'assistant', 'streaming', $7::text, $8::uuid from session, question
)
select id from session
