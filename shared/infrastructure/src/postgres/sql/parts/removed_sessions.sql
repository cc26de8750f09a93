select 0 as idle_guests, 0 as idle_sessions, (select count(*) from sessions)::int as sessions, (select count(*) from messages)::int as messages,
       0 as users, 0 as devices, 0 as shares, 0 as api_keys, ($1::int in ((select count(*) from due), (select count(*) from batch)))::int as is_more
