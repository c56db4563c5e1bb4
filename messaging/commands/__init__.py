"""Slash commands: the site's own, and those that bots have where they are members."""
