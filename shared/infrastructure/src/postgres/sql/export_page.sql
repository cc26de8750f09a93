-- One page of all that a user has said and was answered, deleted conversations too, by session and message. A session without messages is one row.
-- $1 user, $2 the token's moment, $3 its device, $4 after this session and $5 message of it (null: from the first), $6 how many
select s.id, s.title,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       (extract(epoch from s.deleted_at) * 1000000)::bigint as deleted_at,
       m.id as message_id, m.session_id, m.parent_id, m.role, m.content, m.status, m.model, m.token_count,
       (extract(epoch from m.created_at) * 1000000)::bigint as message_created_at
from (
    select id, title, created_at, updated_at, deleted_at from chat_sessions
    where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) and id >= coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit $6::int
) s
left join lateral (
    select id, session_id, parent_id, role, content, chat_message_state(status, updated_at) as status, model, token_count, created_at
    from chat_messages
    where session_id = s.id
      and id > coalesce(case when s.id = $4::uuid then $5::uuid end, '00000000-0000-0000-0000-000000000000')
    order by id limit $6::int
) m on true
where s.id is distinct from $4::uuid or m.id is not null
order by s.id, m.id limit $6::int
