-- Hides a session; `restore_session` brings it back. Safe to repeat: the time tells one deletion from another.
-- $1 session, $2 user, $3 now
update chat_sessions set deleted_at = $3::timestamptz
where id = $1::uuid and user_id = $2::uuid and (deleted_at is null or deleted_at = $3::timestamptz)
returning id, deleted_at
