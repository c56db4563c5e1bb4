"""Accounts: how people are called, and what Django's own views leave to the site."""
