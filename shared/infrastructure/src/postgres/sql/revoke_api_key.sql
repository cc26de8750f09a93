-- Revokes an API key of a user. Safe to repeat: the time tells one revocation from another. No row: the user has no such one.
-- $1 user, $2 the token's moment, $3 its device, $4 key's id, $5 now
with found as (
    select k.id, k.hash, (k.revoked_at is null or k.revoked_at = $5::timestamptz)::int as was_good
    from api_keys k where k.id = $4::uuid and k.user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
), revoked as (
    update api_keys set revoked_at = $5::timestamptz where id = (select id from found) and revoked_at is null
)
select encode(hash, 'hex') as hash, was_good from found
