-- Stores an answer's end once: only a row still `streaming` is written, and only then is usage counted. Safe to repeat. A row
-- that recovery set to `interrupted` can still be finished by its own run.
-- $1 message, $2 text, $3 status, $4 tokens of the answer, $5 user, $6 tokens of the prompt, $7 model,
-- $8 run (null: whichever it was, if it is dead): what an earlier run tries again must not end the run that continues it,
-- $9 bytes from which the database is nearly full (null: no limit): now and then it is measured,
-- $10 ms until the first event, $11 ms until the end (both null: nobody knows), $12 the code of what went wrong (null: nothing)
with known as (
    select id, status, token_count is null or status = 'streaming' as is_uncounted from chat_messages where id = $1::uuid for no key update
), owner as (
    -- The account, if the guest was claimed meanwhile. Locked after the message and before the session, in the order of all that lock several.
    select coalesce(claimed_by, id) as id from users where id = $5::uuid and (select count(*) from known) >= 0 for no key update
), answer as (
    update chat_messages m
    set content = $2::text, status = $3::text, model = coalesce($7::text, m.model), updated_at = now(),
        token_count = case when $4::int is null or not known.is_uncounted then m.token_count else coalesce(m.token_count, 0) + $4::int end,
        prompt_tokens = case when $6::int is null or not known.is_uncounted then m.prompt_tokens else coalesce(m.prompt_tokens, 0) + $6::int end,
        ttft_ms = coalesce($10::int, m.ttft_ms), duration_ms = coalesce($11::int, m.duration_ms), code = $12::text
    from known
    where m.id = known.id and case m.status
        when 'streaming' then m.run = $8::uuid or ($8::uuid is null and chat_message_state(m.status, m.updated_at) = 'dead')
        when 'interrupted' then m.run = $8::uuid and (m.content, m.status) is distinct from ($2::text, $3::text)
        else false end
    returning m.id, (known.status = 'streaming')::int as messages, known.is_uncounted::int as times
), usage as (
    insert into chat_usage_daily (user_id, day, messages, prompt_tokens, completion_tokens)
    select owner.id, (now() at time zone 'utc')::date, messages, times * coalesce($6::int, 0), times * coalesce($4::bigint, 0) from answer, owner
    on conflict (user_id, day) do update set
        messages = chat_usage_daily.messages + excluded.messages,
        prompt_tokens = chat_usage_daily.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = chat_usage_daily.completion_tokens + excluded.completion_tokens
)
select id, coalesce(chat_storage_measured($9::bigint), false)::int as is_storage_low from answer
