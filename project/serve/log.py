"""What web servers write when clients talk nonsense: a line, not how their code found out."""

import logging

NONSENSE = {"Invalid UTF-8 sequence received from client.", "parser failed", "opening handshake failed"}


def keep_short(name: str) -> None:
    """Let a server's logger say what a client has sent in one line."""
    logging.getLogger(name).addFilter(_shorten)


def _shorten(record: logging.LogRecord) -> bool:
    if record.msg in NONSENSE and record.exc_info:
        record.msg, record.args = "%s (%s)", (record.msg.rstrip("."), record.exc_info[1])
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True
