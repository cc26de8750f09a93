-- Whoever has no row yet is a guest and gets it with their first session. $1 session, $2 user, $3 title or null
with person as (
    insert into users (id, role) values ($2::uuid, 'guest')
    on conflict (id) do nothing
)
insert into chat_sessions (id, user_id, title) values ($1::uuid, $2::uuid, $3::text)
-- Safe to repeat: what the first try has written is answered again.
on conflict (id) do update set title = excluded.title where chat_sessions.user_id = excluded.user_id
returning id, title, created_at, updated_at
