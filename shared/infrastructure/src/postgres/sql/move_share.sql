-- A link shows another branch of its session, or the same for another time. One row: the link, or nulls and what stood in its way. No row: no such link of
-- this user in this session. Safe to repeat: what the first try has written is answered again.
-- $1 link, $2 user, $3 the token's moment, $4 its device, $5 session, $6 the branch's last message (null: as it is), $7 when it ends (null: as it is),
-- $8 the revision that it is moved from, $9 how many messages are shown
with recursive found as materialized (
    select h.id, h.leaf_id, s.title from shares h join chat_sessions s on s.id = h.session_id
    where h.id = $1::uuid and h.session_id = $5::uuid and s.user_id = chat_caller($2::uuid, $3::timestamptz, $4::uuid)
      and s.deleted_at is null and h.revoked_at is null and (h.expires_at is null or h.expires_at > now())
), branch as (
    select m.id, m.parent_id, chat_message_state(m.status, m.updated_at) as state, char_length(m.content) as chars, 1 as step
    from found f join chat_messages m on m.id = coalesce($6::uuid, f.leaf_id) and m.session_id = $5::uuid
    union all
    select m.id, m.parent_id, chat_message_state(m.status, m.updated_at), char_length(m.content), b.step + 1
    from branch b join chat_messages m on m.id = b.parent_id where b.step < $9::int and $6::uuid is not null
), state as (
    select count(*) > 0 as has_leaf, coalesce(bool_or(state = 'streaming'), false) and $6::uuid is not null as is_running,
           coalesce(array_agg(id) filter (where state in ('stopped', 'interrupted', 'truncated', 'dead')), '{}') as cut_ids,
           coalesce(array_agg(chars) filter (where state in ('stopped', 'interrupted', 'truncated', 'dead')), '{}') as cut_chars
    from branch
), moved as (
    update shares h set revision = $8::int + 1, expires_at = coalesce($7::timestamptz, h.expires_at),
        leaf_id = coalesce($6::uuid, h.leaf_id), title = case when $6::uuid is null then h.title else f.title end,
        cut_ids = case when $6::uuid is null then h.cut_ids else b.cut_ids end,
        cut_chars = case when $6::uuid is null then h.cut_chars else b.cut_chars end
    from found f, state b
    where h.id = f.id and b.has_leaf and not b.is_running
      and (h.revision = $8::int or h.revision = $8::int + 1 and h.leaf_id = coalesce($6::uuid, h.leaf_id)
           and h.expires_at is not distinct from coalesce($7::timestamptz, h.expires_at))
    returning h.id, h.session_id, h.leaf_id, h.title, h.revision, h.created_at, h.expires_at, h.token_hash
)
select m.id, m.session_id, m.leaf_id, m.title, m.revision, encode(m.token_hash, 'hex') as token_hash,
       (extract(epoch from m.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from m.expires_at) * 1000000)::bigint as expires_at,
       b.has_leaf::int as has_leaf, b.is_running::int as is_running, (b.has_leaf and not b.is_running)::int as is_stale
from found cross join state b left join moved m on true
