-- Which run writes an answer, by its request: an answer that is continued is no longer its earlier run's to end.
alter table chat_messages add column run uuid;
