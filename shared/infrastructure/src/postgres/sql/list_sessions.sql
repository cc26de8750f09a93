-- One page and the total: those that are pinned, then the others, each newest activity first. The total is kept by a trigger, and of the others no more are
-- read than the page reaches to, so a long list costs what a short one does. $1 user, $2 how many, $3 after how many, $4 the token's moment, $5 its device
select u.session_count, s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at
from users u
left join lateral (
    select * from (
        (select id, title, model, pinned, created_at, updated_at from chat_sessions
         where user_id = u.id and deleted_at is null and pinned)
        union all
        (select id, title, model, pinned, created_at, updated_at from chat_sessions
         where user_id = u.id and deleted_at is null and not pinned
         order by updated_at desc, id desc limit $2::int + $3::bigint)
    ) found
    order by pinned desc, updated_at desc, id desc limit $2::int offset $3::bigint
) s on true
where u.id = chat_caller($1::uuid, $4::timestamptz, $5::uuid)
order by s.pinned desc, s.updated_at desc, s.id desc
