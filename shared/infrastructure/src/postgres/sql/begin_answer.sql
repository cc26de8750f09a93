-- A turn in an existing session. Reuses the question that a failed try left under this id. Safe to repeat. No row: the session was deleted meanwhile.
-- If the parent (a failed answer) was deleted meanwhile, its own parent is used.
-- The user's row is locked first: a guest who is claimed in this very moment is waited for, and the session is the account's then.
-- $1 session, $2 user, $3 title if it has none, $4 to $9 the turn's rows, $10 the parent's parent, $11 the model that is chosen for
-- the session from now on (null: as before)
with person as (
    select coalesce(claimed_by, id) as id from users where id = $2::uuid and deleted_at is null for no key update
), session as (
    update chat_sessions s set updated_at = now(), title = coalesce(title, $3::text), is_empty = false, model = coalesce($11::text, s.model)
    from person where s.id = $1::uuid and s.user_id in ($2::uuid, person.id) and s.deleted_at is null
    returning s.id
), parent_row as (
    select coalesce((select id from chat_messages where id = $5::uuid), $10::uuid, $5::uuid) as parent from session
),
