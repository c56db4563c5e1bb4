"""Bots that members make: accounts for their programs, with tokens of their own."""
