-- Locks a user who wants to be forgotten: their tokens prove nothing from now on, their devices end, and their address and who vouches for them are free. What they have is removed in steps (`erase_user`). Safe
-- to repeat: the time tells one deletion from another. No row: nothing is stored of them, or an account's device was signed in to before $4.
-- $1 user, $2 now, $3 the token's device, $4 since when a sign-in is fresh (null: a guest, who has confirmed)
with person as (
    update users set deleted_at = $2::timestamptz, tokens_valid_after = 'infinity', email = null, email_verified_at = null
    where id = $1::uuid and claimed_by is null and (deleted_at = $2::timestamptz or (deleted_at is null and ($4::timestamptz is null
        or exists (select from auth_sessions where id = $3::uuid and user_id = $1::uuid and created_at >= $4::timestamptz))))
    returning id
), unbound as (
    delete from user_logins where user_id = (select id from person)
), ended as (
    delete from auth_sessions where user_id = (select id from person) returning id
)
select person.id, coalesce((select string_agg(ended.id::text, ',') from ended), '') as devices from person
