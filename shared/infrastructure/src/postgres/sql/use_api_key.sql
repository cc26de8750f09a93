-- Who comes by an API key, and that it was used on this day. Safe to repeat. No row: it has ended, or its user has. `has_vouched`: somebody has made sure
-- whose account it is.
-- $1 key's hash, $2 its user
with found as (
    select k.id, k.used_on, (extract(epoch from k.expires_at - now()) * 1000)::bigint as ends_in,
           (u.blocked_until > now()) is true as is_blocked,
           u.email is not null or exists (select from user_logins l where l.user_id = u.id) as has_vouched
    from api_keys k join users u on u.id = k.user_id
    where k.hash = $1::bytea and k.user_id = $2::uuid and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and u.deleted_at is null and u.claimed_by is null
), used as (
    update api_keys set used_on = (now() at time zone 'utc')::date
    where id = (select id from found where not is_blocked and used_on is distinct from (now() at time zone 'utc')::date)
)
select ends_in, is_blocked::int as is_blocked, has_vouched::int as has_vouched from found
