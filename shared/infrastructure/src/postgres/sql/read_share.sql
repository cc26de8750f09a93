-- What a link shows: its branch, oldest first, as it stood when the link was made or moved. No row: there is no such link, it was revoked or has ended, or
-- its session, its user or their permission to be here is gone. $1 hash of the link's token, $2 how many messages
with recursive share as materialized (
    select h.leaf_id, h.session_id, h.title, h.revision, h.cut_ids, h.cut_chars
    from shares h join chat_sessions s on s.id = h.session_id join users u on u.id = s.user_id
    where h.token_hash = $1::bytea and h.revoked_at is null and (h.expires_at is null or h.expires_at > now())
      and s.deleted_at is null and u.deleted_at is null and (u.blocked_until is null or u.blocked_until <= now())
), branch as (
    select m.id, m.parent_id, m.role, m.content, m.model, 1 as step
    from share h join chat_messages m on m.id = h.leaf_id and m.session_id = h.session_id
    union all
    select m.id, m.parent_id, m.role, m.content, m.model, b.step + 1
    from branch b join chat_messages m on m.id = b.parent_id where b.step < $2::int
)
select h.title, h.revision, b.role, b.model, (c.place is not null)::int as is_cut,
       case when c.place is null then b.content else left(b.content, h.cut_chars[c.place]) end as content,
       (b.parent_id is not null)::int as follows
from share h cross join branch b cross join lateral (select array_position(h.cut_ids, b.id) as place) c
order by b.step desc
