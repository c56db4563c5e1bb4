"""All of Bellwire on one machine: `python -m project.run`."""
