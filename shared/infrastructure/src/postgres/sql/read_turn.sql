-- Both messages of one turn, as a plain answer shows them. $1 user message, $2 assistant message
select id as message_id, session_id, parent_id, role, content, status, model, token_count, created_at as message_created_at
from chat_messages where id in ($1::uuid, $2::uuid) order by id
