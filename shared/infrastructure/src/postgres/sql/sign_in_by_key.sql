-- A new device, for a passkey that has signed. Its count never goes back: of two at once the higher one stays. Safe to repeat.
-- No row: the passkey or its user is gone.
-- $1 key's id, $2 its count, $3 whether it is backed up, $4 now, $5 device, $6 its token's hash, $7 what it says it is, $8 when its token ends
with key as (
    update user_keys k set sign_count = greatest(k.sign_count, $2::bigint), backed_up = $3::bool, used_at = $4::timestamptz
    from users u where k.id = $1::bytea and u.id = k.user_id and u.deleted_at is null
    returning k.user_id
), entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at, by_passkey)
    select $5::uuid, user_id, $6::bytea, $7::text, $8::timestamptz, true from key
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
