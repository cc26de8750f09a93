-- Another title, or pinned, or not pinned any more. A pin is no activity. Safe to repeat. The user's row is locked before the session's, in the order of all that
-- lock both: the list's version is in it.
-- No row: no such session of this user. One row: the session, or nulls: there is no room for another pin, or the session was deleted at this moment.
-- $1 session, $2 user, $3 title or null, $4 whether pinned or null, $5 the most pinned, $6 the token's moment, $7 its device
with person as (
    select id from users where id = chat_caller($2::uuid, $6::timestamptz, $7::uuid) for no key update
), known as (
    select id, pinned or $4::boolean is not true or chat_has_room_for_pin(user_id, id, $5::int) as has_room
    from chat_sessions
    where id = $1::uuid and user_id = (select id from person) and deleted_at is null
), session as (
    update chat_sessions set title = coalesce($3::text, title), pinned = coalesce($4::boolean, pinned),
        updated_at = case when $3::text is null then updated_at else now() end
    where id = (select id from known where has_room) and deleted_at is null
    returning id, title, model, pinned, created_at, updated_at
)
select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       k.has_room::int as has_room
from known k left join session s on true
