"""Threads: what is answered to one message, in a chat of its own that its followers are told of."""
