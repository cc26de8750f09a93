-- What a user thinks of an answer of theirs; without a vote, nothing any more. No row: no such session of this user. A row of null: the session has no such
-- message. Safe to repeat.
-- $1 session, $2 user, $3 the token's moment, $4 its device, $5 message, $6 vote (null: none), $7 reason,
-- $8 the most bytes of the database (null: no limit). A user has 1,000 reasons at most
with session as (
    select id, user_id from chat_sessions
    where id = $1::uuid and user_id = chat_caller($2::uuid, $3::timestamptz, $4::uuid) and deleted_at is null
), message as (
    select m.id, m.role, s.user_id,
           -- Reasons are texts that nothing else counts.
           $7::text is null or (not exists (select from chat_storage where bytes >= $8::bigint) and (
               select count(*) from (select from chat_feedback f where f.user_id = s.user_id and f.reason is not null and f.message_id <> m.id limit 1000) reasons
           ) < 1000) as has_room
    from session s join chat_messages m on m.id = $5::uuid and m.session_id = s.id
), removed as (
    delete from chat_feedback where message_id = (select id from message) and $6::text is null
), kept as (
    insert into chat_feedback (message_id, user_id, vote, reason)
    select id, user_id, $6::text, $7::text from message where role = 'assistant' and $6::text is not null and has_room
    on conflict (message_id) do update set vote = excluded.vote, reason = excluded.reason
)
select m.role, (m.role = 'assistant' and $6::text is not null and not m.has_room)::int as is_full from session left join message m on true
