-- Links and API keys that ended long ago, as a run of maintenance looks for them: by the first of what ended them.
create index shares_ended on shares (least(revoked_at, expires_at)) where least(revoked_at, expires_at) is not null;
create index api_keys_ended on api_keys (least(revoked_at, expires_at)) where least(revoked_at, expires_at) is not null;
