-- What must be known before a user adds a passkey: whether the device was signed in to since $4, and which there are. No row: nothing is stored of them.
-- $1 user, $2 the token's moment, $3 its device, $4 since when a sign-in is fresh
select u.id as user_id, p.login,
       exists (select from auth_sessions a where a.id = $3::uuid and a.user_id = u.id and a.created_at >= $4::timestamptz)::int as is_fresh,
       coalesce((select string_agg(encode(k.id, 'hex'), ',') from user_keys k where k.user_id = u.id), '') as keys
from users u left join user_passwords p on p.user_id = u.id
where u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
