-- A new password for who has the recovery code, which is used up: all devices end but the one that has it. Safe to repeat: the next code tells.
-- No row: the code does not fit, or nobody signs in by this name. The salt stays: the browser was told it.
-- $1 login, $2 recovery code's mac, $3 mac, $4 pepper, $5 the next recovery code's mac, $6 device, $7 its token's hash, $8 what it says it is,
-- $9 when its token ends, $10 the moment from which tokens count
with password as (
    update user_passwords p set mac = $3::bytea, pepper = $4::text, recovery_mac = $5::bytea, updated_at = now()
    where p.login = $1::text and p.recovery_mac in ($2::bytea, $5::bytea)
      and exists (select from users u where u.id = p.user_id and u.deleted_at is null)
    returning p.user_id
), ended as (
    delete from auth_sessions where user_id in (select user_id from password) and id <> $6::uuid
), person as (
    update users set tokens_valid_after = $10::timestamptz where id in (select user_id from password)
), entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $6::uuid, user_id, $7::bytea, $8::text, $9::timestamptz from password
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id, token_hash
)
