-- A verified address outranks a name that nobody has verified: who has verified it signs in by it, though somebody else has taken it for a name before.
alter table user_passwords add column is_verified boolean not null default false;
update user_passwords p set is_verified = true from users u where u.id = p.user_id and lower(u.email) = p.login;
drop index user_passwords_login;
create unique index user_passwords_login on user_passwords (login, is_verified);
