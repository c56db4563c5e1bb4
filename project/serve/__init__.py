"""The site in one process, by uvicorn or Daphne: `python -m project.serve`."""
