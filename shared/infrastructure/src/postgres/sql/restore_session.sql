-- Undoes a deletion; restoring what is not deleted changes nothing. $1 session, $2 user
update chat_sessions set deleted_at = null
where id = $1::uuid and user_id = $2::uuid
returning id, title, created_at, updated_at
