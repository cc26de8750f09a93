-- One message of a user. An answer without progress for 60 s has lost its instance: `dead`.
-- $1 session, $2 user, $3 message
select m.id, m.session_id, m.parent_id, m.role, m.content,
       case when m.status = 'streaming' and m.updated_at < now() - interval '60 seconds' then 'dead' else m.status end,
       m.model, m.token_count, m.created_at, m.run
from chat_messages m join chat_sessions s on s.id = m.session_id
where m.id = $3::uuid and s.id = $1::uuid and s.user_id = $2::uuid and s.deleted_at is null
