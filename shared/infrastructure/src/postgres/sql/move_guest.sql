-- The second: what the guest has goes to the account, the counts by the trigger; what the account wants the model to know stays, if it has said so. It sees what was written while the first has waited. Safe to repeat.
-- $1 guest, $2 account
with guest as (
    select id from users where id = $1::uuid and claimed_by = $2::uuid
), sessions as (
    update chat_sessions set user_id = $2::uuid where user_id = (select id from guest) returning id
), shares as (
    update shares set user_id = $2::uuid where user_id = (select id from guest)
), votes as (
    update chat_feedback set user_id = $2::uuid where user_id = (select id from guest)
), context as (
    delete from user_context where user_id = (select id from guest) returning doc, instructions, data
), known as (
    insert into user_context (user_id, doc, instructions, data) select $2::uuid, doc, instructions, data from context
    -- An account that has taken everything back has said nothing.
    on conflict (user_id) do update set doc = excluded.doc, instructions = excluded.instructions, data = excluded.data, updated_at = now()
        where user_context.doc = '{}'::jsonb
), used as (
    delete from chat_usage_daily where user_id = (select id from guest) returning day, messages, prompt_tokens, completion_tokens
), usage as (
    insert into chat_usage_daily (user_id, day, messages, prompt_tokens, completion_tokens)
    select $2::uuid, day, messages, prompt_tokens, completion_tokens from used
    on conflict (user_id, day) do update set
        messages = chat_usage_daily.messages + excluded.messages,
        prompt_tokens = chat_usage_daily.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = chat_usage_daily.completion_tokens + excluded.completion_tokens
)
select id from guest
