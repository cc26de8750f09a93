-- An empty session. A user without a row is a guest and gets it with the first one. The user's row is locked, and read as it stands then,
-- so that requests at once cannot pass a limit together. Safe to repeat: what the first try has written is answered again.
-- One row: the session, or nulls and which limit was reached.
-- A guest who is claimed in this very moment is waited for: the session is the account's then.
-- $1 session, $2 user, $3 title or null, $4 the most sessions, $5 the most without a message,
-- $6 the most bytes of the database (null: no limit), $7 the token's moment, $8 its device
with person as (
    insert into users (id, role) values (chat_caller($2::uuid, $7::timestamptz, $8::uuid), 'guest')
    on conflict (id) do update set role = users.role
    returning coalesce(claimed_by, id) as id, session_count >= $4::int as has_too_many, empty_count >= $5::int as has_too_many_empty,
              exists (select from chat_sessions where id = $1::uuid and user_id in ($2::uuid, users.claimed_by)) as is_there,
              exists (select from chat_storage where bytes >= $6::bigint) as is_full
), session as (
    insert into chat_sessions (id, user_id, title, is_empty)
    select $1::uuid, id, $3::text, true from person where is_there or not (has_too_many or has_too_many_empty or is_full)
    on conflict (id) do update set title = excluded.title where chat_sessions.user_id = excluded.user_id
    returning id, title, model, pinned, created_at, updated_at
)
select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       p.is_full::int as is_full, p.has_too_many::int as has_too_many
from person p left join session s on true
