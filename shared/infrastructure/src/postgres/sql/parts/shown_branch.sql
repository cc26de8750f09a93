-- The beginning of a statement about what a link shows: its branch as it stood when the link was made or moved, step 1 is its last message. `share` has no row where
-- there is no such link, it was revoked or has ended, or its session, its user or their permission to be here is gone.
-- $1 hash of the link's token, $2 how many messages; they end with the one that brings their texts to 256 kB; $3 a revision of which no messages are wanted, or null
with recursive share as materialized (
    select h.leaf_id, h.session_id, h.title, h.revision, h.cut_ids, h.cut_chars
    from shares h join chat_sessions s on s.id = h.session_id join users u on u.id = s.user_id
    where h.token_hash = $1::bytea and h.revoked_at is null and (h.expires_at is null or h.expires_at > now())
      and s.deleted_at is null and u.deleted_at is null and (u.blocked_until is null or u.blocked_until <= now())
), branch as (
    select m.id, m.parent_id, m.role, m.content, m.model, 1 as step, octet_length(m.content) as bytes
    from share h join chat_messages m on m.id = h.leaf_id and m.session_id = h.session_id
    where h.revision is distinct from $3::int
    union all
    select m.id, m.parent_id, m.role, m.content, m.model, b.step + 1, b.bytes + octet_length(m.content)
    from branch b join chat_messages m on m.id = b.parent_id where b.step < $2::int and b.bytes < 262144
), shown as (
    select b.role, b.model, b.step, b.parent_id is not null as follows, c.place is not null as is_cut,
           case when c.place is null then b.content else left(b.content, h.cut_chars[c.place]) end as content
    from share h cross join branch b cross join lateral (select array_position(h.cut_ids, b.id) as place) c
)
