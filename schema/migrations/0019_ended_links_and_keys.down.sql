drop index api_keys_ended;
drop index shares_ended;
