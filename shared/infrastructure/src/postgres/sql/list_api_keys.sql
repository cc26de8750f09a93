-- The API keys of a user that nobody has revoked, the oldest first. $1 user, $2 the token's moment, $3 its device
select id, name, used_on::text as used_on,
       (extract(epoch from created_at) * 1000000)::bigint as created_at,
       (extract(epoch from expires_at) * 1000000)::bigint as expires_at
from api_keys
where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) and revoked_at is null
order by api_keys.created_at, api_keys.id limit 100
