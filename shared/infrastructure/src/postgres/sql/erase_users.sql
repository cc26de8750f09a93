-- Removes some of what deleted users have, who was deleted first goes first. Who is being erased at this moment is left alone.
-- $1 how many rows at most
with persons as (
    select id from users where deleted_at is not null order by deleted_at limit $1::int for update skip locked
)
