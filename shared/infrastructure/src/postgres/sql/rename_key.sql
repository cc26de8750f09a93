-- A name for a passkey. Safe to repeat. No row: the user has no such one. $1 user, $2 the token's moment, $3 its device, $4 key's id, $5 name
update user_keys set name = $5::text where id = $4::bytea and user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
returning encode(id, 'hex') as id, name, backed_up::int as backed_up,
          (extract(epoch from created_at) * 1000000)::bigint as created_at,
          (extract(epoch from used_at) * 1000000)::bigint as used_at
