-- Undoes a deletion within the limits that hold for a new session; restoring what is not deleted changes nothing. One that was deleted because nobody
-- touched it is touched by this; one that was pinned is so again where there is room for it. No row: no such session of this user, or it was deleted too
-- long ago. A row of nulls: a limit was reached, and which.
-- $1 session, $2 user, $3 the most sessions, $4 the most without a message, $5 the most bytes of the user (null: no limit),
-- $6 the token's moment, $7 its device, $8 days after which a deletion stands, $9 days after which nobody has touched a session for too long,
-- $10 the most pinned
with deleted as (
    select is_empty from chat_sessions where id = $1::uuid and user_id = $2::uuid and deleted_at >= now() - make_interval(days => $8::int)
), person as (
    select session_count >= $3::int as has_too_many, empty_count >= $4::int as has_too_many_empty,
           bytes >= $5::bigint as is_full
    from users where id = $2::uuid and exists (select from deleted) for update
), session as (
    update chat_sessions set deleted_at = null,
        updated_at = case when deleted_at is not null and updated_at < now() - make_interval(days => $9::int) then now() else updated_at end,
        pinned = pinned and (deleted_at is null or chat_has_room_for_pin(user_id, id, $10::int))
    where id = $1::uuid and user_id = $2::uuid and (deleted_at is null or deleted_at >= now() - make_interval(days => $8::int))
      and not exists (select from person, deleted where has_too_many or (has_too_many_empty and is_empty) or is_full)
    returning id, title, model, pinned, created_at, updated_at
)
select s.id, s.title, s.model as session_model, s.pinned::int as pinned,
       (extract(epoch from s.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from s.updated_at) * 1000000)::bigint as updated_at,
       coalesce((select has_too_many from person), false)::int as has_too_many,
       coalesce((select is_full from person), false)::int as is_full
from chat_sessions known left join session s on true
where known.id = $1::uuid and known.user_id = chat_caller($2::uuid, $6::timestamptz, $7::uuid)
  and (known.deleted_at is null or known.deleted_at >= now() - make_interval(days => $8::int))
