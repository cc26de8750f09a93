-- The first of the two statements that take a way in away: it holds the user's row, so that of two at once the second one sees what the first has left.
-- $1 user, $2 the token's moment, $3 its device
select id from users where id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) for update
