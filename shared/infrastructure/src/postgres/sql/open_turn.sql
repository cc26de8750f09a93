-- Ownership and context in one: the branch that ends with a message, oldest first. No row means no such session of this user; a session
-- without messages is one row without a message. Failed messages are gone through and not counted. Each row says what is kept of the user and of all, the
-- last one what goes with each message of theirs, and each which model was chosen.
-- $1 session, $2 user, $3 how many messages with text, $4 the branch's last message, or null for the newest of the session, $5 the token's
-- moment, $6 its device, $7 bytes of their texts, of all but the last two: the branch begins with the one that goes beyond them
with recursive session as (
    select id, user_id, model from chat_sessions
    where id = $1::uuid and user_id = chat_caller($2::uuid, $5::timestamptz, $6::uuid) and deleted_at is null
), leaf as (
    select m.id, m.parent_id from session s, lateral (
        select id, parent_id from chat_messages
        where session_id = s.id and id <= coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          -- Of two that came at once the one with the earlier id may follow the other.
          and ($4::uuid is not null or not exists (select from chat_messages reply where reply.parent_id = chat_messages.id))
        order by id desc limit 1
    ) m
), branch as (
    select m.id, m.parent_id, m.role, m.content, m.status, m.updated_at, 1 as step,
           (m.content <> '' and (m.role <> 'user' or m.status <> 'failed'))::int as texts, 0 as bytes
    from leaf join chat_messages m on m.id = leaf.id
    union all
    select m.id, m.parent_id, m.role, m.content, m.status, m.updated_at, b.step + 1,
           b.texts + (m.content <> '' and (m.role <> 'user' or m.status <> 'failed'))::int,
           b.bytes + case when b.texts >= 2 and (m.role <> 'user' or m.status <> 'failed') then octet_length(m.content) else 0 end
    from branch b join chat_messages m on m.id = b.parent_id
    where b.texts < $3::int and b.step < 1000 and b.bytes < $7::int
)
select b.id as message_id, b.parent_id, b.role,
       -- Of what has failed, and is neither the last message nor its question, nothing is sent to anybody.
       case when b.step > 2 and b.role = 'user' and b.status = 'failed' then '' else b.content end as content,
       chat_message_state(b.status, b.updated_at) as status,
       u.bytes as user_bytes, k.bytes as database_bytes, s.model as session_model,
       case when coalesce(b.step, 1) = 1 then c.instructions end as instructions, case when coalesce(b.step, 1) = 1 then c.data end as data
from session s join users u on u.id = s.user_id cross join chat_storage k left join user_context c on c.user_id = u.id left join branch b on true
order by b.step desc
