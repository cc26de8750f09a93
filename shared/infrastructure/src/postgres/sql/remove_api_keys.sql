-- Removes API keys that have been good for nothing for long: revoked, or ended by themselves. What is in use at this moment stays.
-- $1 how many at most, $2 days
with due as (
    select id from api_keys where least(revoked_at, expires_at) < now() - make_interval(days => $2::int)
    order by least(revoked_at, expires_at) limit $1::int for update skip locked
), removed as (
    delete from api_keys where id = any (array(select id from due)) returning id
)
select 0 as idle_guests, 0 as idle_sessions, 0 as sessions, 0 as messages, 0 as users, 0 as devices,
       0 as shares, (select count(*) from removed)::int as api_keys, ((select count(*) from due) = $1::int)::int as is_more
