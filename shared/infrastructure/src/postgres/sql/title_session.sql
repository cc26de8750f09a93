-- Another title for a session, unless somebody has given it one since. Its place in the list stays. Safe to repeat. The user's row is locked before the session's,
-- in the order of all that lock both: the list's version is in it. $1 session, $2 its title until then, $3 title
with person as (
    select id from users where id = (select user_id from chat_sessions where id = $1::uuid) for no key update
)
update chat_sessions set title = $3::text
where id = $1::uuid and title in ($2::text, $3::text) and deleted_at is null and exists (select from person)
returning id
