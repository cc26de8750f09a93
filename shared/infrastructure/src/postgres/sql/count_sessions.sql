-- How many sessions a user has, what is kept of them and of all, and what goes with each message of theirs. A user of whom nothing was ever made has no row yet.
-- $1 user, $2 the token's moment, $3 its device
select coalesce(u.session_count, 0) as session_count, coalesce(u.bytes, 0) as user_bytes, k.bytes as database_bytes, c.instructions, c.data
from chat_storage k left join users u on u.id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) left join user_context c on c.user_id = u.id
