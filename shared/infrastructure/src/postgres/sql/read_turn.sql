-- Both messages of one turn, as a plain answer shows them. $1 user message, $2 assistant message
select id as message_id, session_id, parent_id, role, content, status, model, token_count, f.vote,
       (extract(epoch from m.created_at) * 1000000)::bigint as message_created_at
from chat_messages m left join chat_feedback f on f.message_id = m.id where id in ($1::uuid, $2::uuid) order by id
