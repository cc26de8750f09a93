-- One page of all that a user has said and was answered, deleted conversations too, by session and message. A session without messages is one row.
-- What is told of a session is in its first row alone. A page ends with the row whose text goes beyond $7; `more`: there may be others behind it.
-- $1 user, $2 the token's moment, $3 its device, $4 after this session and $5 message of it (null: from the first), $6 how many at most, $7 bytes
with found as (
    select s.id, s.title, s.model as session_model, s.pinned, s.created_at, s.updated_at, s.deleted_at,
           m.id as message_id, m.parent_id, m.role, m.content, m.status, m.model, m.token_count, m.created_at as message_created_at, m.vote, m.reason
    from (
        select id, title, model, pinned, created_at, updated_at, deleted_at from chat_sessions
        where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) and id >= coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
        -- The one that the page begins after may have nothing left.
        order by id limit $6::int + 1
    ) s
    left join lateral (
        select id, parent_id, role, content, chat_message_state(status, updated_at) as status, model, token_count, m.created_at, f.vote, f.reason
        from chat_messages m left join chat_feedback f on f.message_id = m.id
        where session_id = s.id
          and id > coalesce(case when s.id = $4::uuid then $5::uuid end, '00000000-0000-0000-0000-000000000000')
        order by id limit $6::int
    ) m on true
    where s.id is distinct from $4::uuid or m.id is not null
    order by s.id, m.id limit $6::int
), page as (
    select found.*, row_number() over session_rows = 1 as is_first,
           coalesce(sum(octet_length(content)) over (order by id, message_id rows between unbounded preceding and 1 preceding), 0) as bytes_before
    from found window session_rows as (partition by id order by message_id)
)
select id as session_id, case when is_first then id end as id, case when is_first then title end as title,
       case when is_first then session_model end as session_model, case when is_first then pinned::int end as pinned,
       case when is_first then (extract(epoch from created_at) * 1000000)::bigint end as created_at,
       case when is_first then (extract(epoch from updated_at) * 1000000)::bigint end as updated_at,
       case when is_first then (extract(epoch from deleted_at) * 1000000)::bigint end as deleted_at,
       message_id, parent_id, role, content, status, model, token_count, vote, reason,
       (extract(epoch from message_created_at) * 1000000)::bigint as message_created_at,
       (select (count(*) = $6::int or max(bytes_before) >= $7::int)::int from page) as more
from page p where bytes_before < $7::int
order by p.id, p.message_id
