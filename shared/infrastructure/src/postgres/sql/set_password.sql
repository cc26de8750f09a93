-- A user's new password, for who knows the one before or has just signed in by a passkey; the first one, for who has just signed in. All devices end but
-- the one that is given. Safe to repeat: the recovery code tells. No row: none of it holds. 23505: somebody else signs in by this name.
-- $1 user, $2 the token's moment, $3 its device, $4 login, $5 mac of the password before (null: it was not told), $6 since when a sign-in is fresh,
-- $7 mac, $8 pepper, $9 salt, $10 parameters, $11 recovery code's mac, $12 device, $13 its token's hash, $14 what it says it is, $15 when its token ends,
-- $16 the moment from which tokens count
with caller as materialized (
    -- Once it is done the device that has asked is gone.
    select case when exists (select from user_passwords where user_id = $1::uuid and recovery_mac = $11::bytea) then $1::uuid
        else chat_caller($1::uuid, $2::timestamptz, $3::uuid) end as id
), before as (
    select p.login, p.mac, p.pepper, p.recovery_mac from user_passwords p where p.user_id = (select id from caller)
), fresh as (
    select a.by_passkey from auth_sessions a where a.id = $3::uuid and a.user_id = (select id from caller) and a.created_at >= $6::timestamptz
), password as (
    insert into user_passwords (user_id, login, is_verified, mac, pepper, salt, params, recovery_mac)
    select caller.id, $4::text, exists (select from users u where u.id = caller.id and lower(u.email) = $4::text),
        $7::bytea, $8::text, $9::bytea, $10::text, $11::bytea from caller
    -- Nobody's name is what somebody else has verified.
    where not exists (select from users u where lower(u.email) = $4::text and u.id <> caller.id) and case when exists (select from before) then exists (
            select from before where login = $4::text and (recovery_mac = $11::bytea or (mac = $5::bytea and pepper = $8::text)
                or ($5::bytea is null and exists (select from fresh where by_passkey))))
        else $5::bytea is null and exists (select from fresh) end
    -- Of two at once the second has read a password that is not there any more.
    on conflict (user_id) do update set mac = excluded.mac, pepper = excluded.pepper, salt = excluded.salt, params = excluded.params,
        recovery_mac = excluded.recovery_mac, updated_at = now()
        where user_passwords.login = excluded.login and user_passwords.mac = (select mac from before)
    returning user_id
), ended as (
    delete from auth_sessions where user_id in (select user_id from password) and id <> $12::uuid
), person as (
    update users set tokens_valid_after = $16::timestamptz where id in (select user_id from password)
), entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $12::uuid, user_id, $13::bytea, $14::text, $15::timestamptz from password
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
