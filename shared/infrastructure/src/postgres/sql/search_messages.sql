-- Where a user's sessions contain a text, newest activity first. A page looks at some sessions, at some messages and reads some of what is said, whatever
-- there is: it may end within a session, or without a hit. $1 user, $2 the text, $3 the activity of the session that the page follows (null: the first
-- page), $4 that session, $5 the message within it before which to go on (null: it is done), $6 how many sessions, $7 how many messages, $8 how many hits
-- of a session, $9 the token's moment, $10 its device, $11 how many bytes are read
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
), places as materialized (
    select array_agg(id order by nth) as ids, array_agg(upto order by nth) as uptos from sessions
), walk (nth, seen, hits, last, is_through, messages, bytes) as (
    -- Step by step, until the page is full: $7 and $11 less what each step has looked at. A step is of one session, and of no more messages than may be
    -- read if each has 8 kB; a session's first steps are short, as three hits are enough. What is behind those is counted in the index, unread.
    select 0, 0, '{}'::uuid[], null::uuid, true, $7::int, $11::bigint
    union all
    select t.nth, t.seen + m.count, (t.hits || m.hits)[1:$8::int], m.last, m.count < t.most, w.messages - m.count, w.bytes - m.bytes
    from walk w
    cross join lateral (
        select b.*, p.ids[b.nth] as session_id, case when w.is_through then p.uptos[b.nth] else w.last end as upto,
               case when cardinality(b.hits) < $8::int then least(w.messages, 1 + w.bytes / 8000, 4 + 4 * b.seen) else w.messages end as most
        from (
            select w.nth + w.is_through::int as nth,
                   case when w.is_through then 0 else w.seen end as seen,
                   case when w.is_through then '{}' else w.hits end as hits
        ) b
        cross join places p
    ) t
    cross join lateral (
        -- From one of the two.
        select count(*)::int as count, coalesce(sum(length), 0) as bytes, (array_agg(id order by id desc))[count(*)] as last,
               array_agg(id order by id desc) filter (where is_hit) as hits
        from (
            -- Not by `ilike`, which takes half as long again.
            (select id, octet_length(content) as length, strpos(lower(content), lower($2)) > 0 as is_hit
             from chat_messages
             where session_id = t.session_id and id < t.upto and cardinality(t.hits) < $8::int
             order by id desc limit t.most)
            union all
            (select id, 0, false
             from chat_messages
             where session_id = t.session_id and id < t.upto and cardinality(t.hits) >= $8::int
             order by id desc limit t.most)
        ) newest
    ) m
    where w.messages > 0 and w.bytes > 0 and t.session_id is not null
), walked as materialized (
    select s.*, w.hits, w.last, w.is_full
    from (select *, messages = 0 or bytes <= 0 as is_full from walk) w
    join sessions s using (nth)
    where w.is_through or w.is_full
), last as (
    select place, id as session_id, case when is_full then last end as message_id from walked where is_full or nth = $6::int
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
        select id, role, created_at, content, strpos(lower(content), lower($2)) as hit_at from chat_messages where id = any(w.hits)
    ) h on true
    where h.id is not null or strpos(lower(w.title), lower($2)) > 0 and w.upto is distinct from $5::uuid
) f on true
order by f.place desc, f.id desc, f.message_id desc
