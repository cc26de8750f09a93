-- Another title for a session, unless somebody has given it one since. Its place in the list stays. Safe to repeat. $1 session, $2 its title until then, $3 title
update chat_sessions set title = $3::text
where id = $1::uuid and title in ($2::text, $3::text) and deleted_at is null
returning id
