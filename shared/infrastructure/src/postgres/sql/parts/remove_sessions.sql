-- What is removed of the sessions `looked_at`: their newest messages first, and each session that has none left. $1 how many rows at most
, batch as (
    select m.id from looked_at, lateral (
        select id from chat_messages where session_id = looked_at.id order by id desc limit $1::int
    ) m limit $1::int
), orphans as (
    update chat_messages set parent_id = null
    where parent_id = any (array(select id from batch)) and id <> all (array(select id from batch))
), messages as (
    delete from chat_messages where id = any (array(select id from batch)) returning id
), sessions as (
    delete from chat_sessions s where s.id = any (array(select id from looked_at))
      and not exists (select from chat_messages m where m.session_id = s.id and m.id <> all (array(select id from batch)))
    returning s.id
)
