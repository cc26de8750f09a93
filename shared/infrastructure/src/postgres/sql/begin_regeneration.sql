-- Another answer to a message. Safe to repeat. No row: the session was deleted meanwhile. The user's row is locked first, as in begin_answer.
-- $1 session, $2 user, $3 user message, $4 assistant message, $5 model, $6 run, $7 as $11 of begin_answer
with person as (
    select coalesce(claimed_by, id) as id from users where id = $2::uuid and deleted_at is null for no key update
), session as (
    update chat_sessions s set updated_at = now(), model = coalesce($7::text, s.model)
    from person where s.id = $1::uuid and s.user_id in ($2::uuid, person.id) and s.deleted_at is null
    returning s.id
), question as (
    update chat_messages set status = 'complete', updated_at = now()
    where id = $3::uuid and status = 'failed' and exists (select from session)
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $4::uuid, id, $3::uuid, 'assistant', 'streaming', $5::text, $6::uuid from session
    on conflict (id) do nothing
)
select id as session_id from session
