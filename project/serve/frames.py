"""WebSocket frames: what goes to many sockets is encoded once."""

from functools import lru_cache

from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from websockets.typing import BytesLike

from project.serve.inbound import MESSAGE_BYTES


@lru_cache(maxsize=1)
def encoded(data: str | bytes) -> bytes:
    """Return the frame of a message; the relay hands one to all its sockets before it takes the next."""
    frame = Frame(Opcode.TEXT, data.encode()) if isinstance(data, str) else Frame(Opcode.BINARY, data)
    return frame.serialize(mask=False, extensions=[])


def control(opcode: Opcode, data: BytesLike) -> bytes:
    """Return a ping, a pong or a close."""
    return Frame(opcode, data).serialize(mask=False)


def first(data: bytes) -> tuple[Frame | None, bytes]:
    """Return the first frame that a client has sent and what follows it, or None and all of it while it is not whole.

    ProtocolError for what is no frame of a client's, PayloadTooBig for one that announces too much.
    """
    reader = StreamReader()
    reader.feed_data(data)
    parsing = Frame.parse(reader.read_exact, mask=True, max_size=MESSAGE_BYTES)
    try:
        next(parsing)
    except StopIteration as whole:
        return whole.value, bytes(reader.buffer)
    return None, data
