-- The users of whom nothing is left.
, gone as (
    delete from users u where u.id = any (array(select id from persons))
      and not exists (select from chat_sessions s where s.user_id = u.id and s.id <> all (array(select id from sessions)))
    returning u.id
)
select 0 as idle_guests, 0 as idle_sessions, (select count(*) from sessions)::int as sessions, (select count(*) from messages)::int as messages,
       (select count(*) from gone)::int as users, 0 as devices, 0 as shares, 0 as api_keys,
       ($1::int in ((select count(*) from persons), (select count(*) from looked_at), (select count(*) from batch)))::int as is_more
