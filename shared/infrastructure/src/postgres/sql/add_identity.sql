-- add_identity
-- One more identity of a user. Safe to repeat. `stale`: the device was signed in to before $4. `full`: the user has $9 already.
-- `taken`: somebody else has this identity. 23505: somebody else was given the address in this moment.
-- $1 user, $2 the token's moment, $3 its device, $4 since when a sign-in is fresh, $5 issuer, $6 subject, $7 verified address, which the user gets if
-- they have none and nobody has it, $8 now, $9 how many there may be
with person as (
    select u.id from users u where u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
      and exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = u.id and a.created_at >= $4::timestamptz)
), others as (
    select count(*) as number from user_logins
    where user_id = (select id from person) and (provider, subject) <> ($5::text, $6::text)
), identity as (
    insert into user_logins (provider, subject, user_id, created_at)
    select $5::text, $6::text, person.id, $8::timestamptz from person, others where others.number < $9::int
    on conflict (provider, subject) do update set subject = excluded.subject where user_logins.user_id = excluded.user_id
    returning user_id
), addressed as (
    update users set email = $7::text, email_verified_at = $8::timestamptz
    where id = (select user_id from identity) and email is null and $7::text is not null
      and not exists (select from users o where lower(o.email) = $7::text)
    returning id
), password as (
    -- As in `verify_address`: the name of their password is verified with it.
    update user_passwords set is_verified = true where user_id = (select id from addressed) and login = $7::text
)
select case
    when exists (select from identity) then 'added'
    when not exists (select from person) then 'stale'
    when (select number from others) >= $9::int then 'full'
    else 'taken'
end as outcome
