-- How a device was signed in to: a passkey has been unlocked by its owner, so that it stands for a password that its owner has lost.
alter table auth_sessions add column by_passkey boolean not null default false;
