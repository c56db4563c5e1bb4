"""Forwards: what was said in one chat, sent on into another."""
