-- The passkeys of a user, the oldest first. $1 user, $2 the token's moment, $3 its device
select encode(id, 'hex') as id, name, backed_up::int as backed_up,
       (extract(epoch from created_at) * 1000000)::bigint as created_at,
       (extract(epoch from used_at) * 1000000)::bigint as used_at
from user_keys
where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
order by user_keys.created_at, user_keys.id limit 100
