-- The second: the identity goes unless it is the last way in. Safe to repeat. `missing`: the user has no such one. `stale`: the device was signed in
-- to before $5.
-- $1 user, $2 the token's moment, $3 its device, $4 what the list calls it, $5 since when a sign-in is fresh, $6 issuers that let somebody in, between blanks
with person as (
    select id from users where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
), fresh as (
    select id from person where exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = person.id and a.created_at >= $5::timestamptz)
), mine as (
    select provider, subject, left(encode(sha256(convert_to(provider || ' ' || subject, 'UTF8')), 'hex'), 32) = $4::text as is_meant
    from user_logins where user_id = (select id from person)
), others as (
    select exists (select from mine where not is_meant and provider = any (string_to_array($6::text, ' ')))
        or exists (select from user_passwords where user_id = (select id from person))
        or exists (select from user_keys where user_id = (select id from person)) as are_there
), removed as (
    delete from user_logins l using mine
    where mine.is_meant and l.provider = mine.provider and l.subject = mine.subject and l.user_id = (select id from fresh) and (select are_there from others)
    returning l.subject
)
select case
    when exists (select from removed) then 'removed'
    when not exists (select from mine where is_meant) then 'missing'
    when not exists (select from fresh) then 'stale'
    else 'last'
end as outcome
