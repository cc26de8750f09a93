-- An account's verified address, for what is told behind an answer, when the token that asked may have ended. $1 user
select email from users where id = $1::uuid and deleted_at is null and email is not null
