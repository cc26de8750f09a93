-- One page and the total: those that are pinned, then the others, each newest activity first. The total is kept by a trigger, and of the others no more are
-- read than the page reaches to, so a long list costs what a short one does. The tag is of this page as it is, and no session is read where it is known: one
-- row has the tag and the total then. A restored database may count a version twice: the newest activity is in the tag for that, and the total.
-- $1 user, $2 how many, $3 after how many, $4 the token's moment, $5 its device, $6 tags that are known between commas; `*` is any
with list as materialized (
    select *, string_to_array($6::text, ',') && array[tag, '*'] as is_known
    from (
        select u.id, coalesce(u.session_count, 0) as session_count,
               md5(concat_ws(' ', $1::uuid, $2::int, $3::bigint, u.list_version, u.session_count, (
                   select extract(epoch from updated_at) from chat_sessions
                   where user_id = u.id and deleted_at is null order by updated_at desc, id desc limit 1
               ))) as tag
        from (select) as one left join users u on u.id = chat_caller($1::uuid, $4::timestamptz, $5::uuid)
        offset 0
    ) tagged
)
select l.session_count, l.tag, l.is_known::int as is_known, s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at
from list l
left join lateral (
    select * from (
        (select id, title, model, pinned, created_at, updated_at from chat_sessions
         where user_id = l.id and deleted_at is null and pinned and not l.is_known)
        union all
        (select id, title, model, pinned, created_at, updated_at from chat_sessions
         where user_id = l.id and deleted_at is null and not pinned and not l.is_known
         order by updated_at desc, id desc limit $2::int + $3::bigint)
    ) found
    order by pinned desc, updated_at desc, id desc limit $2::int offset $3::bigint
) s on true
order by s.pinned desc, s.updated_at desc, s.id desc
