-- One message of a user.
-- $1 session, $2 user, $3 message, $4 the token's moment, $5 its device
select m.id as message_id, m.session_id, m.parent_id, m.role, m.content, chat_message_state(m.status, m.updated_at) as status,
       m.model, m.token_count, f.vote, (extract(epoch from m.created_at) * 1000000)::bigint as message_created_at, m.run
from chat_messages m join chat_sessions s on s.id = m.session_id left join chat_feedback f on f.message_id = m.id
where m.id = $3::uuid and s.id = $1::uuid and s.user_id = chat_caller($2::uuid, $4::timestamptz, $5::uuid) and s.deleted_at is null
