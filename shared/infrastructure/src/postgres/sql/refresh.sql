-- The next refresh token of a device. The one before stays good for 30 s: of two tabs, or after a lost reply, both get the same. One that is
-- older has been stolen from somebody: the device ends. Safe to repeat. No row: it has ended.
-- A device ends a year after its sign-in, however often it is used. $1 device, $2 the token's hash, $3 its successor's, $4 when that ends
with known as (
    select id, token_hash = $2::bytea as is_newest,
           coalesce(previous_hash = $2::bytea, false) and rotated_at > now() - interval '30 seconds' as is_previous
    from auth_sessions where id = $1::uuid and expires_at > now() for update
), ended as (
    delete from auth_sessions where id in (select id from known where not (is_newest or is_previous))
), entered as (
    update auth_sessions a set
        previous_hash = case when is_newest then $2::bytea else previous_hash end,
        token_hash = case when is_newest then $3::bytea else token_hash end,
        rotated_at = case when is_newest then now() else rotated_at end,
        used_at = case when is_newest then now() else used_at end,
        expires_at = case when is_newest then least($4::timestamptz, created_at + interval '1 year') else expires_at end
    from known where a.id = known.id and (is_newest or is_previous)
    returning a.user_id, a.token_hash
)
