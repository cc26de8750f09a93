drop function chat_message_state(text, timestamptz);
