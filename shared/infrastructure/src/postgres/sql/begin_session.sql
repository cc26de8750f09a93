-- A turn that starts its session. Whoever has no row yet is a guest and gets it with it. Foreign keys are checked when the whole statement ends.
-- What a try that failed has left under these ids is taken up. Safe to repeat. The user's row is locked, and read as it stands then, so that no number of
-- requests at once passes the limit. No row: the user has too many sessions. A row of null: the session is somebody else's.
-- $1 session, $2 user, $3 title, $4 user message, $5 its text, $6 assistant message, $7 model, $8 run, $9 the most sessions
with person as (
    insert into users (id, role) values ($2::uuid, 'guest')
    on conflict (id) do update set role = users.role
        where users.session_count < $9::int or exists (select from chat_sessions where id = $1::uuid and user_id = $2::uuid)
    returning id
), session as (
    insert into chat_sessions (id, user_id, title) select $1::uuid, id, $3::text from person
    on conflict (id) do update set updated_at = now(), deleted_at = null where chat_sessions.user_id = excluded.user_id
    returning id
), question as (
    insert into chat_messages (id, session_id, role, content, status)
    select $4::uuid, id, 'user', $5::text, 'complete' from session
    on conflict (id) do update set status = 'complete',
        -- Sent twice it changes nothing: the moment tells which try an end is of.
        updated_at = case when chat_messages.status = 'failed' then now() else chat_messages.updated_at end
        where chat_messages.session_id = excluded.session_id
    returning id
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $6::uuid, session.id, question.id, 'assistant', 'streaming', $7::text, $8::uuid from session, question
    on conflict (id) do nothing
)
select begun.id from person left join (select session.id from session, question) begun on true
