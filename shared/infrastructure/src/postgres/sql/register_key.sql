-- A new account with a passkey, and its first device. Safe to repeat. No row: somebody has this passkey.
-- The key comes before its user, so that nobody is made where it is taken: foreign keys are looked at when all is done.
-- $1 user, $2 key's id, $3 public key, $4 algorithm, $5 its count, $6 whether it is backed up, $7 name, $8 now, $9 device, $10 its token's hash,
-- $11 what it says it is, $12 when its token ends
with key as (
    insert into user_keys (id, user_id, public_key, alg, sign_count, backed_up, name, created_at, used_at)
    values ($2::bytea, $1::uuid, $3::bytea, $4::int, $5::bigint, $6::bool, $7::text, $8::timestamptz, $8::timestamptz)
    on conflict (id) do update set name = user_keys.name
        where user_keys.user_id = excluded.user_id and user_keys.public_key = excluded.public_key and user_keys.alg = excluded.alg
    returning user_id
), person as (
    insert into users (id, role) select user_id, 'user' from key on conflict (id) do update set role = users.role returning id
)
insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at, by_passkey)
select $9::uuid, id, $10::bytea, $11::text, $12::timestamptz, true from person
on conflict (id) do update set user_id = excluded.user_id
returning user_id
