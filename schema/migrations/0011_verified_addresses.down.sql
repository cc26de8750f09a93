drop index user_passwords_login;
-- The older version knows a name once: whose address it is keeps it.
delete from user_passwords p where not p.is_verified and exists (select from user_passwords q where q.login = p.login and q.is_verified);
alter table user_passwords drop column is_verified;
create unique index user_passwords_login on user_passwords (login);
