-- A turn that starts its session. A user without a row is a guest and gets it with it. Foreign keys are checked when the whole statement ends.
-- Reuses the session and the question that a failed try left under these ids. Safe to repeat. The user's row is locked, and read as it stands then, so that
-- requests at once cannot pass the limit together; a guest who is claimed in this very moment is waited for, and the session is the account's then.
-- No row: the user has too many sessions, or wants to be forgotten. A row of null: the session is somebody else's, or was deleted.
-- $1 session, $2 user, $3 title, $4 to $9 the turn's rows, $10 the most sessions, $11 the model that is chosen for it, or null
with parent_row as (
    insert into users (id, role) values ($2::uuid, 'guest')
    on conflict (id) do update set role = users.role
        where users.deleted_at is null
          and (users.session_count < $10::int or exists (select from chat_sessions where id = $1::uuid and user_id in ($2::uuid, users.claimed_by)))
    returning coalesce(users.claimed_by, users.id) as id, $5::uuid as parent
), session as (
    insert into chat_sessions (id, user_id, title, model) select $1::uuid, id, $3::text, $11::text from parent_row
    on conflict (id) do update set updated_at = now(), model = coalesce(excluded.model, chat_sessions.model)
        where chat_sessions.user_id = excluded.user_id and chat_sessions.deleted_at is null
    returning id
),
