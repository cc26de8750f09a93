-- Ends a device, or all of its owner's. Safe to repeat. No row: it has ended.
-- $1 device, $2 its refresh token's hash (null: its access token was shown), $3 whether all end, $4 the moment from which tokens count then
with known as (
    select user_id from auth_sessions
    where id = $1::uuid and ($2::bytea is null or token_hash = $2::bytea or previous_hash = $2::bytea)
), person as (
    update users set tokens_valid_after = $4::timestamptz where $3::bool and id in (select user_id from known)
)
delete from auth_sessions where user_id in (select user_id from known) and (id = $1::uuid or $3::bool)
returning id
