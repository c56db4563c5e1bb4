"""Addresses to which programs post what they have to say, in whatever dialect they speak, into a chat."""
