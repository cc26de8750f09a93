-- Hides a session; `restore_session` brings it back. $1 session, $2 user
update chat_sessions set deleted_at = now()
where id = $1::uuid and user_id = $2::uuid and deleted_at is null
returning id, deleted_at
