-- What runs of maintenance would do now, until nothing is left. Nothing is changed.
-- $1 days after which a deleted session, an ended link and an ended API key go, $2 days after which a session is hidden, $3 days after which a guest goes
with guests as (
    select id from users u
    where role = 'guest' and claimed_by is null and deleted_at is null and active_on < (now() at time zone 'utc')::date - $3::int
      and (select 1 from chat_sessions where user_id = u.id and updated_at > now() - make_interval(days => $3::int) limit 1) is null
      and (select 1 from shares where user_id = u.id and created_at > now() - make_interval(days => $3::int) limit 1) is null
), persons as (
    select id from guests union all select id from users where deleted_at is not null
), going as (
    select s.id from persons, lateral (select id from chat_sessions where user_id = persons.id offset 0) s
    union select id from chat_sessions where deleted_at < now() - make_interval(days => $1::int)
), idle as (
    select s.id from chat_sessions s, lateral (select from users u where u.id = s.user_id and u.deleted_at is null
      and not (u.role = 'guest' and u.claimed_by is null and u.active_on < (now() at time zone 'utc')::date - $3::int) offset 0) known
    where s.deleted_at is null and s.updated_at < now() - make_interval(days => $2::int)
      and (select 1 from shares where session_id = s.id and created_at > now() - make_interval(days => $2::int) limit 1) is null
)
select (select count(*) from guests)::int as idle_guests, (select count(*) from idle)::int as idle_sessions,
       (select count(*) from going)::int as sessions,
       (select coalesce(sum(m.count), 0) from going, lateral (
           select count(*) from chat_messages where session_id = going.id offset 0) m)::int as messages,
       (select count(*) from persons)::int as users,
       (select count(*) from auth_sessions where expires_at < now())::int as devices,
       (select count(*) from shares where least(revoked_at, expires_at) < now() - make_interval(days => $1::int))::int as shares,
       (select count(*) from api_keys where least(revoked_at, expires_at) < now() - make_interval(days => $1::int))::int as api_keys,
       0 as is_more
