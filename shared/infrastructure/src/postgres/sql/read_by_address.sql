-- Whose verified address it is. $1 address
select id as user_id from users where lower(email) = $1::text and deleted_at is null
