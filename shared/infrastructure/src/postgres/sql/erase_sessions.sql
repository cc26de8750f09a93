-- Removes some of the sessions that were deleted too long ago to be restored. The users' rows are locked before the sessions', in the order of all that
-- lock both; whose are in use at this moment are left to the next run, so that nobody waits for it. What is restored meanwhile stays.
-- $1 how many rows at most, $2 days
with due as (
    select id, user_id from chat_sessions where deleted_at < now() - make_interval(days => $2::int) order by deleted_at, id limit $1::int
), persons as (
    select id from users where id = any (array(select user_id from due)) order by id for no key update skip locked
), looked_at as (
    select id from chat_sessions where id = any (array(select id from due)) and user_id = any (array(select id from persons))
      and deleted_at < now() - make_interval(days => $2::int)
    for update skip locked
)
