-- Where a user's sessions contain a text, newest activity first. A page looks at some sessions and at some messages, whatever there is: it may end within
-- a session, or without a hit. $1 user, $2 the text as a pattern, $3 the text, $4 the activity of the session that the page follows (null: the first
-- page), $5 that session, $6 the message within it before which to go on (null: it is done), $7 how many sessions, $8 how many messages,
-- $9 how many hits of a session, $10 the token's moment, $11 its device
with sessions as materialized (
    select id, title, model, pinned, created_at, updated_at,
           -- A session that is written to between two pages of it keeps its place.
           case when id = $5::uuid then $4::timestamptz else updated_at end as place
    from chat_sessions
    where user_id = chat_caller($1::uuid, $10::timestamptz, $11::uuid) and deleted_at is null
      and ($4::timestamptz is null or (updated_at, id) < ($4::timestamptz, $5::uuid) and id <> $5::uuid
           or id = $5::uuid and $6::uuid is not null)
    order by updated_at desc, id desc
    limit $7::int
), scanned as materialized (
    select s.place, s.id as session_id, m.id, m.role, m.created_at, m.hit_at, m.before, m.hit, m.after
    from sessions s
    cross join lateral (
        select c.id, c.role, c.created_at, f.hit_at,
               substr(c.content, greatest(f.hit_at - 60, 1), least(f.hit_at - 1, 60)) as before,
               substr(c.content, f.hit_at, char_length($3)) as hit,
               substr(c.content, f.hit_at + char_length($3), 60) as after
        from (
            select id, role, created_at, content from chat_messages
            where session_id = s.id and ($6::uuid is null or s.id <> $5::uuid or id < $6::uuid)
            order by id desc limit $8::int
        ) c
        -- Letters that change their number with their case are found, and shown from the beginning.
        cross join lateral (
            select case when c.content ilike $2 then greatest(strpos(lower(c.content), lower($3)), 1) end as hit_at
        ) f
    ) m
    order by s.place desc, s.id desc, m.id desc
    limit $8::int
), hits as (
    select *, row_number() over (partition by session_id order by id desc) as nth from scanned where hit_at is not null
), last as (
    (select place, session_id, id as message_id from scanned
     where (select count(*) from scanned) = $8::int order by place, session_id, id limit 1)
    union all
    (select place, id, null from sessions
     where (select count(*) from scanned) < $8::int and (select count(*) from sessions) = $7::int order by place, id limit 1)
)
select (extract(epoch from l.place) * 1000000)::bigint as next_activity, l.session_id as next_session, l.message_id as next_message,
       f.*
from (select) as one
left join last l on true
left join (
    select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
           (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
           (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
           s.place, h.id as message_id, h.role, (extract(epoch from h.created_at) * 1000000)::bigint as message_created_at,
           h.before, h.hit, h.after
    from sessions s
    left join hits h on h.session_id = s.id and h.nth <= $9::int
    where h.id is not null or s.title ilike $2 and ($6::uuid is null or s.id <> $5::uuid)
) f on l.message_id is null or (f.place, f.id) >= (l.place, l.session_id)
order by f.place desc, f.id desc, f.message_id desc
