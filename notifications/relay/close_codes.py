"""Why the server closes a socket: the one table, which endings.js reads the same way."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Close codes of ours. Daphne lets an application send only 1000 and 3000 to 4999."""

    UNEXPECTED_DATA = 4008
    """The client sent data: sockets here only push."""
    SERVICE_RESTART = 4012
    """The process is about to end; another one, or the next, takes over."""
    TRY_LATER = 4013
    """The client reads more slowly than its stream is written, or a send failed; it comes back and catches up."""
    SIGNED_OUT = 4401
    """No session, or one that has ended."""
    NO_LONGER_ALLOWED = 4403
    """The stream was readable when the socket opened and is not any more."""
    NOT_FOUND = 4404
    """No such stream for this person."""
    TOO_MANY = 4429
    """One person, or one address, has too many sockets open or opens too many."""
