"""What clients may send, and how long they may take to say what they want."""

HEAD_SECONDS = 10.0
"""For the head of a request: connections that say nothing cost their sender nothing, and the server a descriptor."""
INBOUND_BYTES = 8192
"""On a WebSocket between two pings: a page answers those and closes. To read and to answer frames without end would
keep the server from everybody else."""
FAREWELL_SECONDS = 1.0
"""How long the reason for the end may take to arrive before a connection that says too much is reset."""


CLOSE_SECONDS = 5.0
"""How long a peer may take to answer a close; one that has stopped reading never does."""


class BoundedInbound:
    """A WebSocket connection that counts what a WebSocket connection receives."""

    inbound_left = INBOUND_BYTES

    def take(self, data: bytes) -> tuple[bytes, bool]:
        """Return as much of the data as may still be read, and whether nothing more may be from now on."""
        could_read = self.inbound_left > 0
        taken = data[: self.inbound_left]
        self.inbound_left -= len(taken)
        return taken, could_read and not self.inbound_left

    def expect_answer(self) -> None:
        """Let a peer that has kept to its bound say as much again, since it was sent a ping."""
        if self.inbound_left:
            self.inbound_left = INBOUND_BYTES
