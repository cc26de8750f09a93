-- A new account with a password, and its first device. Safe to repeat. 23505: somebody signs in by this name; no row: it is somebody's verified address.
-- $1 user, $2 login, $3 mac, $4 pepper, $5 salt, $6 parameters, $7 recovery code's mac, $8 device, $9 its token's hash, $10 what it says it is,
-- $11 when its token ends
with free as (
    select $1::uuid as id where not exists (select from users where lower(email) = $2::text and id <> $1::uuid)
), person as (
    insert into users (id, role) select id, 'user' from free on conflict (id) do update set role = users.role returning id
), password as (
    insert into user_passwords (user_id, login, mac, pepper, salt, params, recovery_mac)
    select id, $2::text, $3::bytea, $4::text, $5::bytea, $6::text, $7::bytea from person
    on conflict (user_id) do update set login = excluded.login
    returning user_id
)
insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
select $8::uuid, user_id, $9::bytea, $10::text, $11::timestamptz from password
on conflict (id) do update set user_id = excluded.user_id
returning user_id
