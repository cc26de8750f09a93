-- A new device, if the password fits. Safe to repeat. No row: it does not fit, or nobody signs in by this name.
-- $1 login, $2 mac, $3 pepper, $4 device, $5 its token's hash, $6 what it says it is, $7 when its token ends
with entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $4::uuid, p.user_id, $5::bytea, $6::text, $7::timestamptz
    from user_passwords p join users u on u.id = p.user_id
    where p.login = $1::text and p.mac = $2::bytea and p.pepper = $3::text and u.deleted_at is null
    -- Somebody else may have taken a verified address for a name before: of two with one password it is whose address it is.
    order by p.is_verified desc limit 1
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
