-- Deletes guests who have written nothing for long, nor named or shared a conversation, as `delete_user` does: what they have is removed by `erase_users`. Who writes at this moment stays.
-- $1 how many at most, $2 days
with due as (
    select id from users u
    where role = 'guest' and claimed_by is null and deleted_at is null and active_on < (now() at time zone 'utc')::date - $2::int
      and (select 1 from chat_sessions where user_id = u.id and updated_at > now() - make_interval(days => $2::int) limit 1) is null
      and (select 1 from shares where user_id = u.id and created_at > now() - make_interval(days => $2::int) limit 1) is null
    order by active_on, id limit $1::int for update skip locked
), locked as (
    update users set deleted_at = now(), tokens_valid_after = 'infinity' where id = any (array(select id from due)) returning id
)
select (select count(*) from locked)::int as idle_guests, 0 as idle_sessions, 0 as sessions, 0 as messages, 0 as users, 0 as devices, 0 as shares, 0 as api_keys,
       ((select count(*) from due) = $1::int)::int as is_more
