"""What clients may send, and how long they may take to say what they want."""

HEAD_SECONDS = 10.0
"""For the head of a request: connections that say nothing cost their sender nothing, and the server a descriptor."""
INBOUND_BYTES = 8192
"""On a WebSocket between two pings: a page answers those and closes. To read and to answer frames without end would
keep the server from everybody else."""
FAREWELL_SECONDS = 1.0
"""How long the reason for the end may take to arrive before a connection that says too much is reset."""


class BoundedInbound:
    """A WebSocket connection that counts what a WebSocket connection receives."""

    inbound_left = INBOUND_BYTES

    def allowed(self, data: bytes) -> bytes:
        """Return as much of the data as may still be read."""
        taken = data[: self.inbound_left]
        self.inbound_left -= len(taken)
        return taken
