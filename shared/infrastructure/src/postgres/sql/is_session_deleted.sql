-- Whether a session was deleted: no row if it is there, or never was. $1 session, $2 user
select id from chat_sessions where id = $1::uuid and user_id = $2::uuid and deleted_at is not null
