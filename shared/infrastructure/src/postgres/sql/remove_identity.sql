-- remove_identity
-- The second: the identity goes unless it is the last way in. Safe to repeat. `missing`: the user has no such one.
-- $1 user, $2 the token's moment, $3 its device, $4 what the list calls it, $5 issuers that let somebody in, between blanks
with person as (
    select id from users where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
), mine as (
    select provider, subject, left(encode(sha256(convert_to(provider || ' ' || subject, 'UTF8')), 'hex'), 32) = $4::text as is_meant
    from user_logins where user_id = (select id from person)
), others as (
    select exists (select from mine where not is_meant and provider = any (string_to_array($5::text, ' ')))
        or exists (select from user_passwords where user_id = (select id from person))
        or exists (select from user_keys where user_id = (select id from person)) as are_there
), removed as (
    delete from user_logins l using mine
    where mine.is_meant and l.provider = mine.provider and l.subject = mine.subject and (select are_there from others)
    returning l.subject
)
select case
    when exists (select from removed) then 'removed'
    when exists (select from mine where is_meant) then 'last'
    else 'missing'
end as outcome
