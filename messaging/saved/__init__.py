"""Saved messages: what a person keeps for later, for their own eyes."""
