"""Outgoing webhooks: what happens in a chat or an inbox, posted to other programs' addresses."""
