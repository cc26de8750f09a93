-- What has arrived so far, so that an instance that dies loses seconds at most. $1 message, $2 text, $3 run
update chat_messages set content = $2::text, updated_at = now()
where id = $1::uuid and status = 'streaming' and run = $3::uuid
returning id
