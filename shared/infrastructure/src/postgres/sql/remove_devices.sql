-- Removes devices whose refresh token has ended. $1 how many at most
with due as (
    select id from auth_sessions where expires_at < now() order by expires_at limit $1::int for update skip locked
), removed as (
    delete from auth_sessions where id = any (array(select id from due)) returning id
)
select 0 as idle_guests, 0 as idle_sessions, 0 as sessions, 0 as messages, 0 as users, (select count(*) from removed)::int as devices,
       0 as shares, 0 as api_keys, ((select count(*) from due) = $1::int)::int as is_more
