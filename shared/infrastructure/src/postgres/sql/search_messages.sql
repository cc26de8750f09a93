-- Where a user's sessions contain a text, newest activity first. A page looks at some sessions and at some messages, whatever there is: it may end within
-- a session, or without a hit. $1 user, $2 the text, $3 the activity of the session that the page follows (null: the first page), $4 that session,
-- $5 the message within it before which to go on (null: it is done), $6 how many sessions, $7 how many messages, $8 how many hits of a session,
-- $9 the token's moment, $10 its device
with recursive sessions as materialized (
    select *, row_number() over (order by place desc, id desc) as nth
    from (
        -- A session that is written to between two pages of it keeps its place.
        (select id, title, model, pinned, created_at, updated_at, $3::timestamptz as place, $5::uuid as upto
         from chat_sessions
         where id = $4::uuid and $5::uuid is not null and user_id = chat_caller($1::uuid, $9::timestamptz, $10::uuid) and deleted_at is null)
        union all
        (select id, title, model, pinned, created_at, updated_at, updated_at, 'ffffffff-ffff-ffff-ffff-ffffffffffff'
         from chat_sessions
         where user_id = chat_caller($1::uuid, $9::timestamptz, $10::uuid) and deleted_at is null and id is distinct from $4::uuid
           and (updated_at, id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
         order by updated_at desc, id desc
         limit $6::int)
    ) s
    order by place desc, id desc
    limit $6::int
), walk (nth, looks_at, remaining) as (
    -- How many messages of each session the page looks at: counted in the index, session by session, until there are enough.
    select 0::bigint, 0, $7::int
    union all
    select s.nth, m.count, w.remaining - m.count
    from walk w
    join sessions s on s.nth = w.nth + 1
    cross join lateral (
        select count(*)::int from (
            select from chat_messages where session_id = s.id and id < s.upto order by id desc limit w.remaining
        ) newest
    ) m
    where w.remaining > 0
), walked as materialized (
    select * from walk join sessions using (nth)
), last as (
    select w.place, w.id as session_id, (
        select id from chat_messages where session_id = w.id and id < w.upto order by id desc offset w.looks_at - 1 limit 1
    ) as message_id
    from walked w
    where w.remaining = 0
    union all
    select place, id, null from walked where nth = $6::int and remaining > 0
)
select (extract(epoch from l.place) * 1000000)::bigint as next_activity, l.session_id as next_session, l.message_id as next_message,
       f.*
from (select) as one
left join last l on true
left join (
    select w.id, w.title, w.model as session_model, w.pinned::int as pinned,
           (extract(epoch from w.created_at) * 1000000)::bigint as created_at,
           (extract(epoch from w.updated_at) * 1000000)::bigint as updated_at,
           w.place, h.id as message_id, h.role, (extract(epoch from h.created_at) * 1000000)::bigint as message_created_at,
           substr(h.content, greatest(h.hit_at - 60, 1), least(h.hit_at - 1, 60)) as before,
           substr(h.content, h.hit_at, char_length($2)) as hit,
           substr(h.content, h.hit_at + char_length($2), 60) as after
    from walked w
    left join lateral (
        select *
        from (
            -- Not by `ilike`, which takes half as long again.
            select id, role, created_at, content, strpos(lower(content), lower($2)) as hit_at
            from chat_messages
            where session_id = w.id and id < w.upto
            order by id desc limit w.looks_at
        ) newest
        where hit_at > 0
        order by id desc limit $8::int
    ) h on true
    where h.id is not null or strpos(lower(w.title), lower($2)) > 0 and w.upto is distinct from $5::uuid
) f on true
order by f.place desc, f.id desc, f.message_id desc
