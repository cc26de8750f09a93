-- Nothing was added: the answer is again as it was. Safe to repeat. $1 assistant message, $2 its status before, $3 run
update chat_messages set status = $2::text, updated_at = now()
where id = $1::uuid and status = 'streaming' and run = $3::uuid
returning id
