"""Pins: the messages that the people of a chat keep at hand for each other."""
