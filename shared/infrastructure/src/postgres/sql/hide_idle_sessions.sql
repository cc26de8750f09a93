-- Hides sessions that nobody has touched or shared for long, as `delete_session` does: they can be restored for as long as others. Those of users who go
-- themselves are left out. What is touched at this moment stays.
-- $1 how many at most, $2 days, $3 days after which a guest goes
with due as (
    -- Each user is looked up by itself: a join might read them all.
    select s.id, s.user_id from chat_sessions s
    where s.deleted_at is null and s.updated_at < now() - make_interval(days => $2::int)
      and (select u.deleted_at is null and not (u.role = 'guest' and u.claimed_by is null and u.active_on < (now() at time zone 'utc')::date - $3::int)
           from users u where u.id = s.user_id)
      and (select 1 from shares where session_id = s.id and created_at > now() - make_interval(days => $2::int) limit 1) is null
    order by s.updated_at limit $1::int
), persons as (
    select id from users where id = any (array(select user_id from due)) order by id for no key update skip locked
), hidden as (
    update chat_sessions set deleted_at = now()
    where id = any (array(select id from due)) and user_id = any (array(select id from persons))
      and deleted_at is null and updated_at < now() - make_interval(days => $2::int)
    returning id
)
select 0 as idle_guests, (select count(*) from hidden)::int as idle_sessions, 0 as sessions, 0 as messages, 0 as users, 0 as devices, 0 as shares, 0 as api_keys,
       ((select count(*) from due) = $1::int)::int as is_more
