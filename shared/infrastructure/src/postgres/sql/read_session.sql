-- A session and one page of its messages, newest first. A page ends with the row whose text goes beyond $7; `has_older`: there are others before it.
-- $1 session, $2 user, $3 before this message or null, $4 how many at most, $5 the token's moment, $6 its device, $7 bytes
select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       m.id as message_id, m.session_id, m.parent_id, m.role, m.content, m.status, m.model, m.token_count, f.vote,
       (extract(epoch from m.created_at) * 1000000)::bigint as message_created_at, m.has_older::int as has_older
from chat_sessions s
left join lateral (
    select found.*, lead(id) over newest_first is not null as has_older, row_number() over newest_first as number,
           coalesce(sum(octet_length(content)) over (newest_first rows between unbounded preceding and 1 preceding), 0) as bytes_before
    from (
        select id, session_id, parent_id, role, content, model, token_count, created_at,
               chat_message_state(status, updated_at) as status
        from chat_messages
        where session_id = s.id and id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by id desc limit $4::int + 1
    ) found
    window newest_first as (order by id desc)
) m on m.number <= $4::int and m.bytes_before < $7::int
left join chat_feedback f on f.message_id = m.id
where s.id = $1::uuid and s.user_id = chat_caller($2::uuid, $5::timestamptz, $6::uuid) and s.deleted_at is null
order by m.id desc
