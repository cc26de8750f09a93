-- The second: the passkey goes unless it is the last way in. Safe to repeat. `missing`: the user has no such one. `stale`: the device was signed in
-- to before $5.
-- $1 user, $2 the token's moment, $3 its device, $4 key's id, $5 since when a sign-in is fresh, $6 issuers that let somebody in, between blanks
with person as (
    select id from users where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
), fresh as (
    select id from person where exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = person.id and a.created_at >= $5::timestamptz)
), found as (
    select k.id from user_keys k where k.id = $4::bytea and k.user_id = (select id from person)
), others as (
    select exists (select from user_keys where user_id = (select id from person) and id <> $4::bytea)
        or exists (select from user_passwords where user_id = (select id from person))
        or exists (select from user_logins where user_id = (select id from person) and provider = any (string_to_array($6::text, ' '))) as are_there
), removed as (
    delete from user_keys where id = $4::bytea and user_id = (select id from fresh) and (select are_there from others)
    returning id
)
select case
    when exists (select from removed) then 'removed'
    when not exists (select from found) then 'missing'
    when not exists (select from fresh) then 'stale'
    else 'last'
end as outcome
