-- Removes some of what a deleted user has; the user's row goes last, and with it what hangs on it. To be repeated until it says that the user is gone.
-- $1 user, $2 how many messages at most
with person as (
    select id from users where id = $1::uuid and deleted_at is not null
), looked_at as (
    select s.id from chat_sessions s where s.user_id = (select id from person) order by s.id limit 100
), batch as (
    select m.id from looked_at, lateral (
        select id from chat_messages where session_id = looked_at.id order by id desc limit $2::int
    ) m limit $2::int
), orphans as (
    update chat_messages set parent_id = null
    where parent_id = any (array(select id from batch)) and id <> all (array(select id from batch))
), messages as (
    delete from chat_messages where id = any (array(select id from batch)) returning id
), sessions as (
    delete from chat_sessions s where s.id = any (array(select id from looked_at))
      and not exists (select from chat_messages m where m.session_id = s.id and m.id <> all (array(select id from batch)))
    returning s.id
), gone as (
    delete from users where id = (select id from person)
      and (select count(*) from looked_at) = (select count(*) from sessions)
      and (select count(*) from looked_at) < 100
    returning id
)
select (select count(*) from messages)::int as messages, (select count(*) from sessions)::int as sessions,
       (select count(*) from gone)::int as users
