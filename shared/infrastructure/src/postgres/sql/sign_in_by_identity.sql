-- sign_in_by_identity
-- A new device, for somebody who was vouched for. Safe to repeat. No row: the identity or its user is gone.
-- $1 issuer, $2 subject, $3 device, $4 its token's hash, $5 what it says it is, $6 when its token ends
with entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $3::uuid, l.user_id, $4::bytea, $5::text, $6::timestamptz
    from user_logins l join users u on u.id = l.user_id
    where l.provider = $1::text and l.subject = $2::text and u.deleted_at is null
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
