-- Ownership and context in one: no row means no such session of this user. $1 session, $2 user, $3 how many messages
select s.title, last.id, m.role, m.content
from chat_sessions s
left join lateral (
    select id from chat_messages where session_id = s.id order by id desc limit 1
) last on true
left join lateral (
    select id, role, content from chat_messages
    where session_id = s.id and content <> ''
      and (role <> 'user' or status <> 'failed')
    order by id desc limit $3::int
) m on true
where s.id = $1::uuid and s.user_id = $2::uuid and s.deleted_at is null
order by m.id
