-- $1 session, $2 user, $3 title, $4 the token's moment, $5 its device
update chat_sessions set title = $3::text, updated_at = now()
where id = $1::uuid and user_id = chat_caller($2::uuid, $4::timestamptz, $5::uuid) and deleted_at is null
returning id, title, model as session_model,
          (extract(epoch from created_at) * 1000000)::bigint as created_at,
          (extract(epoch from updated_at) * 1000000)::bigint as updated_at
