"""What stories share by being about the same few people, and must not hear of each other."""

import sqlite3
from contextlib import closing

from tests.live.stack import Stack


def is_quiet(stack: Stack) -> bool:
    """Return whether everybody has been told of all that was said: no bell of an earlier story rings any more."""
    with closing(sqlite3.connect(stack.state_dir / "bellwire.sqlite3", timeout=5)) as database:
        (untold,) = database.execute("SELECT count(*) FROM messaging_message WHERE notified_at IS NULL").fetchone()
    return not untold
