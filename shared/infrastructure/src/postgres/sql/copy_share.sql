-- What a link shows as a session of its reader's: its branch, with new ids and no time of its owner's. A user without a row is a guest and gets it with it. The
-- user's row is locked, and read as it stands then, so that requests at once cannot pass the limit together; a guest who is claimed in this very moment is
-- waited for, and the session is the account's then. Safe to repeat: what the first try has written is answered again. Needs `share` and `shown`.
-- No row: the link shows nothing. One row: the session, or nulls, and whether the user has too many.
-- $3 null: all is wanted, $4 session, $5 user, $6 the token's moment, $7 its device, $8 how many bytes of the messages, $9 their ids, the oldest first, $10 the most sessions
, weighed as (
    select *, sum(octet_length(content)) over (order by step) as bytes, row_number() over (order by step) as from_end from shown where content <> ''
), kept as (
    select *, (row_number() over (order by step desc))::int as place from weighed where bytes <= $8::bigint or from_end = 1
), person as (
    insert into users (id, role) select chat_caller($5::uuid, $6::timestamptz, $7::uuid), 'guest' from share
    on conflict (id) do update set role = users.role
    returning coalesce(claimed_by, id) as id, session_count >= $10::int as has_too_many,
              exists (select from chat_sessions where id = $4::uuid and user_id in ($5::uuid, users.claimed_by)) as is_there
), session as (
    insert into chat_sessions (id, user_id, title)
    select $4::uuid, p.id, h.title from person p, share h where p.is_there or not p.has_too_many
    on conflict (id) do update set updated_at = now() where chat_sessions.user_id = excluded.user_id and chat_sessions.deleted_at is null
    returning id, title, model, pinned, created_at, updated_at
), messages as (
    insert into chat_messages (id, session_id, parent_id, role, content, status, model)
    select ($9::uuid[])[k.place], session.id, ($9::uuid[])[k.place - 1], k.role, k.content,
           case when k.is_cut then 'stopped' else 'complete' end, k.model
    -- A session that is there has its messages: they were written with it, and the link may show others by now.
    from session, person p, kept k where not p.is_there
    on conflict (id) do nothing
)
select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       p.has_too_many::int as has_too_many, (select sum(octet_length(content) + 200) from kept)::bigint as bytes
from person p left join session s on true
