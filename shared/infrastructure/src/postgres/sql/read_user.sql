-- What a user has used, for an admin. No row: nobody who has ever been stored, or who is gone or claimed.
-- $1 the admin, $2 the token's moment, $3 its device, $4 the user
with caller as materialized (
    select chat_caller($1::uuid, $2::timestamptz, $3::uuid)
)
select u.role, u.email, u.bytes, case when u.blocked_until > now() then (extract(epoch from u.blocked_until) * 1000000)::bigint end as blocked_until,
       d.day_messages, d.day_tokens, d.messages, d.tokens
from users u cross join lateral (
    select coalesce(sum(messages), 0)::bigint as messages, coalesce(sum(prompt_tokens + completion_tokens), 0)::bigint as tokens,
           coalesce(sum(messages) filter (where day = (now() at time zone 'utc')::date), 0)::bigint as day_messages,
           coalesce(sum(prompt_tokens + completion_tokens) filter (where day = (now() at time zone 'utc')::date), 0)::bigint as day_tokens
    from chat_usage_daily where user_id = u.id and day > (now() at time zone 'utc')::date - 30
) d
where u.id = $4::uuid and u.deleted_at is null and u.claimed_by is null and exists (select from caller)
