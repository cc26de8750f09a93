-- What is known of a user. No row: a guest who has nothing. $1 user, $2 the token's moment, $3 its device
select u.id as user_id, u.role, u.email, u.bytes, (extract(epoch from u.created_at) * 1000000)::bigint as created_at, p.login
from users u left join user_passwords p on p.user_id = u.id
where u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
