-- A link that shows a branch as it stands. One row: the link, or nulls and what stood in its way. No row: no such session of this user. The user's links
-- that have ended go, so that making and revoking leaves no rows. Safe to repeat: what the first try has written is answered again. The user's row is
-- locked first: a guest who is claimed in this very moment is waited for, and the link is the account's then.
-- $1 link, $2 user, $3 the token's moment, $4 its device, $5 session, $6 the branch's last message, $7 hash of the link's token,
-- $8 when it ends (null: never), $9 the most links, $10 how many messages are shown
with recursive person as materialized (
    select coalesce(claimed_by, id) as id from users where id = chat_caller($2::uuid, $3::timestamptz, $4::uuid) for no key update
), session as materialized (
    select s.id, p.id as user_id, s.title from person p, chat_sessions s
    where s.id = $5::uuid and s.user_id in ($2::uuid, p.id) and s.deleted_at is null
), branch as (
    select m.id, m.parent_id, chat_message_state(m.status, m.updated_at) as state, char_length(m.content) as chars, 1 as step
    from session s join chat_messages m on m.id = $6::uuid and m.session_id = s.id
    union all
    select m.id, m.parent_id, chat_message_state(m.status, m.updated_at), char_length(m.content), b.step + 1
    from branch b join chat_messages m on m.id = b.parent_id where b.step < $10::int
), state as (
    select count(*) > 0 as has_leaf, coalesce(bool_or(state = 'streaming'), false) as is_running,
           coalesce(array_agg(id) filter (where state in ('stopped', 'interrupted', 'truncated', 'dead')), '{}') as cut_ids,
           coalesce(array_agg(chars) filter (where state in ('stopped', 'interrupted', 'truncated', 'dead')), '{}') as cut_chars
    from branch
), others as (
    select count(*) >= $9::int as are_too_many from shares h join chat_sessions s on s.id = h.session_id
    where h.user_id = (select user_id from session) and h.id <> $1::uuid and s.deleted_at is null
      and h.revoked_at is null and (h.expires_at is null or h.expires_at > now())
), gone as (
    delete from shares
    where user_id = (select user_id from session) and id <> $1::uuid and (revoked_at is not null or expires_at <= now())
), made as (
    insert into shares (id, token_hash, user_id, session_id, leaf_id, title, cut_ids, cut_chars, expires_at)
    select $1::uuid, $7::bytea, s.user_id, s.id, $6::uuid, s.title, b.cut_ids, b.cut_chars, $8::timestamptz
    from session s, state b, others where b.has_leaf and not b.is_running and not others.are_too_many
    on conflict (id) do update set revision = shares.revision where shares.user_id = excluded.user_id
    returning id, session_id, leaf_id, title, revision, created_at, expires_at, token_hash
)
select m.id, m.session_id, m.leaf_id, m.title, m.revision, encode(m.token_hash, 'hex') as token_hash,
       (extract(epoch from m.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from m.expires_at) * 1000000)::bigint as expires_at,
       b.has_leaf::int as has_leaf, b.is_running::int as is_running, 0 as is_stale
from session cross join state b left join made m on true
