-- remove_key
-- The second: the passkey goes unless it is the last way in. Safe to repeat. `missing`: the user has no such one.
-- $1 user, $2 the token's moment, $3 its device, $4 key's id, $5 issuers that let somebody in, between blanks
with person as (
    select id from users where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
), found as (
    select k.id from user_keys k where k.id = $4::bytea and k.user_id = (select id from person)
), others as (
    select exists (select from user_keys where user_id = (select id from person) and id <> $4::bytea)
        or exists (select from user_passwords where user_id = (select id from person))
        or exists (select from user_logins where user_id = (select id from person) and provider = any (string_to_array($5::text, ' '))) as are_there
), removed as (
    delete from user_keys where id = $4::bytea and user_id = (select id from person) and (select are_there from others)
    returning id
)
select case
    when exists (select from removed) then 'removed'
    when exists (select from found) then 'last'
    else 'missing'
end as outcome
