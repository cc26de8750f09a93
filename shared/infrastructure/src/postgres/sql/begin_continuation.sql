-- An answer that ended early is continued in its own row. Safe to repeat. No row: the session was deleted. A row of null: the answer is at its end or
-- another run's, or says more than was read of it, meanwhile. $1 session, $2 user, $3 assistant message, $4 run, $5 its characters as they were read,
-- $6 as $11 of begin_answer
with session as (
    -- A guest may have been claimed meanwhile.
    select id, user_id from chat_sessions where id = $1::uuid and deleted_at is null
      and user_id in ($2::uuid, (select claimed_by from users where id = $2::uuid))
), answer as (
    update chat_messages set status = 'streaming', run = $4::uuid, updated_at = now()
    where id = $3::uuid and session_id = $1::uuid and exists (select from session) and char_length(content) = $5::int
      and (chat_message_state(status, updated_at) in ('stopped', 'interrupted', 'truncated', 'dead') or (status = 'streaming' and run = $4::uuid))
    returning session_id
), person as (
    -- Locked after the message and before the session, in the order of all that lock several.
    select id from users where id = (select user_id from session) and (select count(*) from answer) > 0 for no key update
), activity as (
    update chat_sessions set updated_at = now(), model = coalesce($6::text, model)
    where id in (select session_id from answer) and exists (select from person)
)
select answer.session_id from session left join answer on true
