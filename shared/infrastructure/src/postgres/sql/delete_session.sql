-- Hides a session; `restore_session` brings it back. Safe to repeat: the time tells one deletion from another. The user's row is locked before the
-- session's, in the order of all that lock both: a claim waits for it, or it for the claim.
-- Of a user's deleted sessions without a message the last $4 can be brought back. The others go, so that making and deleting leaves no rows.
-- $1 session, $2 user, $3 now, $4 the most sessions without a message, $5 the token's moment, $6 its device
with person as (
    select id from users where id = chat_caller($2::uuid, $5::timestamptz, $6::uuid) for no key update
), gone as (
    delete from chat_sessions where id in (
        select id from chat_sessions where user_id = (select id from person) and is_empty and deleted_at is not null
        order by deleted_at desc, id desc offset $4::int
    -- Once more of the row itself: one that is restored at this moment stays.
    ) and is_empty and deleted_at is not null
)
update chat_sessions set deleted_at = $3::timestamptz
where id = $1::uuid and user_id = (select id from person) and (deleted_at is null or deleted_at = $3::timestamptz)
returning id, (extract(epoch from deleted_at) * 1000000)::bigint as deleted_at
