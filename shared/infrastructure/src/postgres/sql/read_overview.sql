-- What has happened between two moments, for the operator: a row for each thing that is counted. Ids are in the order of time, and each tells its moment: what
-- was begun in between is a range of the primary key, read once.
-- $1 from, $2 until, $3 who asks (null: a program, by its own token), $4 the token's moment, $5 its device
with caller as materialized (
    select chat_caller($3::uuid, $4::timestamptz, $5::uuid)
), bounds as materialized (
    -- The smallest ids of both moments.
    select (lpad(to_hex((extract(epoch from $1::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid as low,
           (lpad(to_hex((extract(epoch from $2::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid as high
), answers as materialized (
    -- What was imported or copied has no run. A question that failed stands for its answer; without a code its reader left before the first byte.
    select m.session_id, ('x' || left(translate(m.id::text, '-', ''), 12))::bit(48)::bigint / 3600000 as hour,
           coalesce(m.model, '') as model, m.ttft_ms, m.duration_ms, m.prompt_tokens, m.token_count, coalesce(m.code, 'internal') as code,
           case when m.role = 'user' then case when m.code is null then 'stopped' else 'failed' end
                when m.state in ('complete', 'truncated', 'filtered') then 'completed'
                when m.state = 'stopped' then 'stopped'
                when m.state in ('interrupted', 'dead') then 'interrupted' end as outcome
    from (
        select *, chat_message_state(status, updated_at) as state from chat_messages
        where id >= (select low from bounds) and id < (select high from bounds)
          and (run is not null or (role = 'user' and status = 'failed')) and exists (select from caller)
    ) m
), ended as materialized (
    select *, outcome in ('failed', 'interrupted') as has_failed from answers where outcome is not null
), by_session as materialized (
    select session_id, count(*) as messages, coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(token_count, 0)), 0) as tokens from ended group by session_id
), by_user as materialized (
    -- Each session is looked up by itself: a join might read them all.
    select user_id, sum(messages)::bigint as messages, sum(tokens)::bigint as tokens
    from (select (select user_id from chat_sessions s where s.id = b.session_id) as user_id, messages, tokens from by_session b offset 0) b
    where user_id is not null group by user_id
), busiest as (
    select * from by_user order by messages desc, tokens desc, user_id limit 10
), newcomers as (
    select role from users where id >= (select low from bounds) and id < (select high from bounds)
), feedback as (
    -- What readers think of what was said in between. Each answer is looked up by itself, as above.
    select model, count(*) as votes, count(*) filter (where vote = 'down') as down
    from (
        select (select model from chat_messages m where m.id = f.message_id) as model, vote from chat_feedback f
        where message_id >= (select low from bounds) and message_id < (select high from bounds) and exists (select from caller) offset 0
    ) f
    where model is not null group by model order by 2 desc, model limit 50
), hours as (
    select h.hour, count(e.outcome) as messages, count(*) filter (where e.has_failed) as failed,
           round(percentile_cont(0.95) within group (order by e.ttft_ms))::bigint as p95
    from generate_series(floor(extract(epoch from $1::timestamptz) / 3600)::bigint, ceil(extract(epoch from $2::timestamptz) / 3600)::bigint - 1) as h (hour)
    left join ended e on e.hour = h.hour
    group by h.hour
)
select 'outcome' as part, outcome as name, count(*)::bigint as count, null::bigint as failed, null::bigint as prompt_tokens, null::bigint as completion_tokens,
       null::bigint as p50, null::bigint as p95, null::bigint as p99
from ended group by outcome
union all
select 'running', null, count(*), null, null, null, null, null, null from answers where outcome is null
union all
select 'failure', code, count(*), null, null, null, null, null, null from ended where has_failed group by code
union all
select 'ttft', null, counted, null, null, null, round(p[1])::bigint, round(p[2])::bigint, round(p[3])::bigint
from (select count(ttft_ms) as counted, percentile_cont(array[0.5, 0.95, 0.99]) within group (order by ttft_ms) as p from ended) t
union all
select 'duration', null, counted, null, null, null, round(p[1])::bigint, round(p[2])::bigint, round(p[3])::bigint
from (select count(duration_ms) as counted, percentile_cont(array[0.5, 0.95, 0.99]) within group (order by duration_ms) as p from ended) t
union all
select * from (
    select 'model', model, count(*), null::bigint, coalesce(sum(prompt_tokens), 0)::bigint, coalesce(sum(token_count), 0)::bigint, null::bigint, null::bigint, null::bigint
    from ended where model <> '' group by model order by 3 desc, model limit 50
) m
union all
select 'feedback', model, votes, down, null, null, null, null, null from feedback
union all
select * from (select 'hour', hour::text, messages, failed, null::bigint, null::bigint, null::bigint, p95, null::bigint from hours order by hour) h
union all
select 'busiest', user_id::text, messages, null, null, tokens, null, null, null from busiest
union all
select 'active', null, count(*), null, null, null, null, null, null from by_user
union all
select 'new_guests', null, count(*) filter (where role = 'guest'), null, null, null, null, null, null from newcomers
union all
select 'new_accounts', null, count(*) filter (where role <> 'guest'), null, null, null, null, null, null from newcomers
union all
select 'rows', null, greatest(sum(reltuples), 0)::bigint, null, null, null, null, null, null
from pg_class where oid in ('chat_messages'::regclass, 'chat_sessions'::regclass, 'users'::regclass) and reltuples > 0
union all
select 'bytes', null, bytes, null, null, null, null, null, null from chat_storage
