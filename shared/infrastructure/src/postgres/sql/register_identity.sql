-- register_identity
-- A new account with an identity, and its first device. Safe to repeat. No row: somebody has this identity. 23505: somebody else was given the address in
-- this moment. The identity comes before its user, so that nobody is made where it is taken: foreign keys are looked at when all is done.
-- $1 user, $2 issuer, $3 subject, $4 verified address, which the user gets if nobody has it, $5 now, $6 device, $7 its token's hash, $8 what it says it is,
-- $9 when its token ends
with identity as (
    insert into user_logins (provider, subject, user_id, created_at) values ($2::text, $3::text, $1::uuid, $5::timestamptz)
    on conflict (provider, subject) do update set subject = excluded.subject where user_logins.user_id = excluded.user_id
    returning user_id
), address as (
    select (select $4::text where not exists (select from users where lower(email) = $4::text)) as free
), person as (
    insert into users (id, role, email, email_verified_at)
    select identity.user_id, 'user', address.free, case when address.free is not null then $5::timestamptz end from identity, address
    on conflict (id) do update set role = users.role
    returning id, email
), entered as (
    insert into auth_sessions (id, user_id, token_hash, user_agent, expires_at)
    select $6::uuid, id, $7::bytea, $8::text, $9::timestamptz from person
    on conflict (id) do update set user_id = excluded.user_id
    returning user_id
)
select entered.user_id, person.email from entered, person
