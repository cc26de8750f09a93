-- A new password for who has read a mail to the account's address, which is its name from now on: all devices end but the one that has it. Safe to
-- repeat. No row: it is not its address any more.
-- $1 user, $2 address, $3 mac, $4 pepper, $5 salt, $6 parameters, $7 recovery code's mac, $8 device, $9 its token's hash, $10 what it says it is,
-- $11 when its token ends, $12 the moment from which tokens count
with person as (
    update users set tokens_valid_after = $12::timestamptz
    where id = $1::uuid and lower(email) = $2::text and deleted_at is null
    returning id
), password as (
    insert into user_passwords (user_id, login, is_verified, mac, pepper, salt, params, recovery_mac)
    select id, $2::text, true, $3::bytea, $4::text, $5::bytea, $6::text, $7::bytea from person
    on conflict (user_id) do update set login = excluded.login, is_verified = true, mac = excluded.mac, pepper = excluded.pepper,
        salt = excluded.salt, params = excluded.params, recovery_mac = excluded.recovery_mac, updated_at = now()
    returning user_id
), ended as (
    delete from auth_sessions where user_id in (select user_id from password) and id <> $8::uuid
), entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $8::uuid, user_id, $9::bytea, $10::text, $11::timestamptz from password
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
