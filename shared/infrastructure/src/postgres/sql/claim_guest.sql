-- The first of the two statements of a claim: the guest's row is locked, or made, and names its account; their token proves nothing from now on. What is
-- begun meanwhile waits for it. Safe to repeat. No row: another account has claimed the guest, or the account is gone.
-- $1 guest, $2 account
insert into users (id, role, claimed_by, tokens_valid_after)
select $1::uuid, 'guest', id, now() from users where id = $2::uuid and deleted_at is null and claimed_by is null
on conflict (id) do update set
    claimed_by = excluded.claimed_by,
    tokens_valid_after = case when users.claimed_by is null then excluded.tokens_valid_after else users.tokens_valid_after end
    where users.role = 'guest' and users.deleted_at is null and coalesce(users.claimed_by, excluded.claimed_by) = excluded.claimed_by
returning id
