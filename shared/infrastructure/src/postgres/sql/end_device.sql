-- Ends one device of a user. Safe to repeat. No row: there is none. $1 user, $2 the token's moment, $3 its device, $4 the one that ends
delete from auth_sessions where id = $4::uuid and user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
returning id
