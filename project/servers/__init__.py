"""The web servers, each with what Bellwire needs beyond it: an end that loses nothing, and a bound for slow readers."""
