-- Removes some of what a deleted user has. To be repeated until it says that the user is gone.
-- $1 how many rows at most, $2 user
with persons as (
    select id from users where id = $2::uuid and deleted_at is not null for update
)
