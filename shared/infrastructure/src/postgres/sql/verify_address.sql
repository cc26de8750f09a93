-- A verified address in the place of the one before. It is the name of the password, too, where that was the one before, or this one as nobody had
-- verified it yet. Safe to repeat. 23505: it is another account's. $1 user, $2 the token's moment, $3 its device, $4 address, $5 now
with person as (
    update users set email = $4::text, email_verified_at = $5::timestamptz
    where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
    returning id
), password as (
    update user_passwords set login = $4::text, is_verified = true
    where user_id = (select id from person) and (is_verified or login = $4::text)
)
select id from person
