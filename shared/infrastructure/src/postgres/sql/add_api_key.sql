-- The second, after the user's row is held: one more API key, in place of those that have ended. Safe to repeat. `stale`: the device was signed in to before $4.
-- `full`: the user has $10 already.
-- $1 user, $2 the token's moment, $3 its device, $4 since when a sign-in is fresh, $5 key's id, $6 its hash, $7 name, $8 now, $9 when it ends (null: never),
-- $10 how many there may be
with person as (
    select u.id from users u where u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
      and exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = u.id and a.created_at >= $4::timestamptz)
), ended as (
    delete from api_keys where user_id = (select id from person) and id <> $5::uuid and (revoked_at is not null or expires_at <= $8::timestamptz)
), others as (
    select count(*) as number from api_keys
    where user_id = (select id from person) and id <> $5::uuid and revoked_at is null and (expires_at is null or expires_at > $8::timestamptz)
), key as (
    insert into api_keys (id, user_id, hash, name, created_at, expires_at)
    select $5::uuid, person.id, $6::bytea, $7::text, $8::timestamptz, $9::timestamptz
    from person, others where others.number < $10::int
    on conflict (id) do update set name = api_keys.name where api_keys.user_id = excluded.user_id and api_keys.hash = excluded.hash
    returning id
)
select case
    when exists (select from key) then 'added'
    when not exists (select from person) then 'stale'
    else 'full'
end as outcome
