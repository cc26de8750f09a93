-- A new device, for who has read a mail to the account's address. Safe to repeat. No row: it is not its address any more.
-- $1 user, $2 address, $3 device, $4 its token's hash, $5 what it says it is, $6 when its token ends
with entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $3::uuid, id, $4::bytea, $5::text, $6::timestamptz
    from users where id = $1::uuid and lower(email) = $2::text and deleted_at is null
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
