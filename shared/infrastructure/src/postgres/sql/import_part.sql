-- A part of a chat that comes in from a file; the first one makes its session. A user without a row is a guest and gets it with it. The user's row is locked,
-- and read as it stands then, so that requests at once cannot pass a limit together; a guest who is claimed in this very moment is waited for, and the
-- session is the account's then. Safe to repeat: what the first try has written is answered again, whatever limit it has reached.
-- One row: the session, and whether all of the part was there before (each follows the one before it, so its last message tells); or nulls and which limit
-- was reached; without either the session was deleted, or the part before is missing.
-- $1 session, $2 user, $3 the token's moment, $4 its device, $5 title or null, $6 the most sessions, $7 the most bytes of the user (null: no limit),
-- $8 the most bytes of the database (null: no limit), $9 the last message of the part before (null: this is the first), $10 the last of this one,
-- $11 its messages, a list in JSON, $12 the size of the database that the log is told of (null: none),
-- $13 whether the session is pinned, $14 the most pinned
with person as (
    insert into users (id, role) values (chat_caller($2::uuid, $3::timestamptz, $4::uuid), 'guest')
    on conflict (id) do update set role = users.role
    returning coalesce(claimed_by, id) as id, session_count >= $6::int as has_too_many, bytes >= $7::bigint as has_no_space,
              exists (select from chat_storage where bytes >= $8::bigint) as is_full,
              exists (select from chat_messages where id = $10::uuid and session_id = $1::uuid) as is_written
), session as (
    insert into chat_sessions (id, user_id, title, pinned)
    -- Where there is no room for another pin, it comes in without.
    select $1::uuid, id, $5::text, $13::boolean and chat_has_room_for_pin(id, $1::uuid, $14::int) from person
    where is_written or ($9::uuid is null and not coalesce(has_too_many or has_no_space or is_full, false))
       or (not coalesce(has_no_space or is_full, false) and exists (select from chat_messages where id = $9::uuid and session_id = $1::uuid))
    on conflict (id) do update set updated_at = now()
        where chat_sessions.user_id = excluded.user_id and chat_sessions.deleted_at is null
    returning id, title, model, pinned, created_at, updated_at
), messages as (
    insert into chat_messages (id, session_id, parent_id, role, content, status, model, created_at)
    select m.id, session.id, m.parent_id, m.role, m.content, case when m.is_cut then 'stopped' else 'complete' end, m.model,
           coalesce(least(to_timestamp(m.said_at), now()), now())
    from session, jsonb_to_recordset($11::jsonb) as m (id uuid, parent_id uuid, role text, content text, is_cut boolean, model text, said_at bigint)
    on conflict (id) do nothing
)
select s.id, s.title, s.model as session_model, s.pinned::int as pinned, p.is_written::int as is_written,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       coalesce(p.is_full, false)::int as is_full, coalesce(p.has_no_space, false)::int as has_no_space,
       ($9::uuid is null and p.has_too_many)::int as has_too_many,
       coalesce(chat_storage_measured($12::bigint), false)::int as is_storage_low
from person p left join session s on true
