-- read_identity
-- Whose identity it is. No row: nobody's, or its user is being deleted. $1 issuer, $2 subject
select l.user_id from user_logins l join users u on u.id = l.user_id
where l.provider = $1::text and l.subject = $2::text and u.deleted_at is null
