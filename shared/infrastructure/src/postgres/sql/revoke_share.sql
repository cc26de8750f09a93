-- A link shows nothing any more. No row: no such link of this user in this session. Safe to repeat.
-- $1 link, $2 user, $3 the token's moment, $4 its device, $5 session
update shares set revoked_at = coalesce(revoked_at, now())
where id = $1::uuid and session_id = $5::uuid and user_id = chat_caller($2::uuid, $3::timestamptz, $4::uuid)
returning id
