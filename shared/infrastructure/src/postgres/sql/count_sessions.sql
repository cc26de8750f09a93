-- How many sessions a user has. No row: none was ever made. $1 user
select session_count from users where id = $1::uuid
