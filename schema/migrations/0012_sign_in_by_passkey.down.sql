alter table auth_sessions drop column by_passkey;
