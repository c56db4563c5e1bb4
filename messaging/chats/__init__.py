"""Chats: who is in them, how far each has read, and the list of one's own."""
