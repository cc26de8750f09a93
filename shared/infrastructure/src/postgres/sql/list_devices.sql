-- The devices of a user, the last used first. $1 user, $2 the token's moment, $3 its device
select id, user_agent,
       (extract(epoch from created_at) * 1000000)::bigint as created_at,
       (extract(epoch from used_at) * 1000000)::bigint as used_at,
       (extract(epoch from expires_at) * 1000000)::bigint as expires_at
from auth_sessions
where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) and expires_at > now()
order by auth_sessions.used_at desc, id desc limit 100
