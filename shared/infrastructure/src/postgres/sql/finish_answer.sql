-- Stores an answer's end once: only a row still `streaming` is written, and only then is usage counted. Safe to repeat.
-- $1 message, $2 text, $3 status, $4 tokens of the answer, $5 user, $6 tokens of the prompt, $7 model,
-- $8 run (null: whichever it was, if it is dead): what an earlier run tries again must not end the one that goes on
with answer as (
    update chat_messages
    set content = $2::text, status = $3::text, model = coalesce($7::text, model), updated_at = now(),
        token_count = case when $4::int is null then token_count else coalesce(token_count, 0) + $4::int end
    where id = $1::uuid and status = 'streaming'
      and (run = $8::uuid or ($8::uuid is null and updated_at < now() - interval '60 seconds'))
    returning id
), usage as (
    insert into chat_usage_daily (user_id, day, messages, prompt_tokens, completion_tokens)
    select $5::uuid, (now() at time zone 'utc')::date, 1, coalesce($6::bigint, 0), coalesce($4::bigint, 0) from answer
    on conflict (user_id, day) do update set
        messages = chat_usage_daily.messages + 1,
        prompt_tokens = chat_usage_daily.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = chat_usage_daily.completion_tokens + excluded.completion_tokens
)
select id from answer
