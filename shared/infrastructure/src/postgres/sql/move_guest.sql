-- The second: what the guest has goes to the account, the counts by the trigger. It sees what was written while the first has waited. Safe to repeat.
-- $1 guest, $2 account
with guest as (
    select id from users where id = $1::uuid and claimed_by = $2::uuid
), sessions as (
    update chat_sessions set user_id = $2::uuid where user_id = (select id from guest) returning id
), shares as (
    update shares set user_id = $2::uuid where user_id = (select id from guest)
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
