-- A user's links that show something, newest first. $1 user, $2 the token's moment, $3 its device, $4 of this session alone (null: of all), $5 how many
select h.id, h.session_id, h.leaf_id, h.title, h.revision, encode(h.token_hash, 'hex') as token_hash,
       (extract(epoch from h.created_at) * 1000000)::bigint as created_at,
       (extract(epoch from h.expires_at) * 1000000)::bigint as expires_at
from shares h join chat_sessions s on s.id = h.session_id
where h.user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid) and h.session_id = coalesce($4::uuid, h.session_id)
  and s.deleted_at is null and h.revoked_at is null and (h.expires_at is null or h.expires_at > now())
order by h.id desc limit $5::int
