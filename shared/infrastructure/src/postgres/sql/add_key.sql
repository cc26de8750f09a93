-- One more passkey of a user. Safe to repeat. `stale`: the device was signed in to before $4. `full`: the user has $12 already.
-- `taken`: somebody has a passkey of this id, the user another one.
-- $1 user, $2 the token's moment, $3 its device, $4 since when a sign-in is fresh, $5 key's id, $6 public key, $7 algorithm, $8 its count,
-- $9 whether it is backed up, $10 name, $11 now, $12 how many there may be
with person as (
    select u.id from users u where u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
      and exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = u.id and a.created_at >= $4::timestamptz)
), others as (
    select count(*) as number from user_keys where user_id = (select id from person) and id <> $5::bytea
), key as (
    insert into user_keys (id, user_id, public_key, alg, sign_count, backed_up, name, created_at)
    select $5::bytea, person.id, $6::bytea, $7::int, $8::bigint, $9::bool, $10::text, $11::timestamptz
    from person, others where others.number < $12::int
    on conflict (id) do update set name = user_keys.name
        where user_keys.user_id = excluded.user_id and user_keys.public_key = excluded.public_key and user_keys.alg = excluded.alg
    returning id
)
select case
    when exists (select from key) then 'added'
    when not exists (select from person) then 'stale'
    when (select number from others) >= $12::int then 'full'
    else 'taken'
end as outcome
