"""How fast Bellwire is, beside what it could be compared with."""
