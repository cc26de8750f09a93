-- What a user wants the model to know, as they have written it, and the tag of this version. No row: they have written nothing.
-- $1 user, $2 the token's moment, $3 its device
select doc::text as doc, md5(doc::text) as tag from user_context where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
