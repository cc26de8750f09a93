-- Shuts a user out until then, or lets them in again (null), as an admin wishes. Safe to repeat. No row: as in read_user.
-- $1 the admin, $2 the token's moment, $3 its device, $4 the user, $5 until
update users set blocked_until = $5::timestamptz
where id = $4::uuid and deleted_at is null and claimed_by is null
  and (select chat_caller($1::uuid, $2::timestamptz, $3::uuid)) is not null
returning id
