"""What the log looks like."""

import logging


class ShortClientErrors(logging.Filter):
    """Has what a client did wrong logged in one line, without a traceback: anybody can cause as many as they like."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True
