"""WebSocket frames: what goes to many sockets is encoded once."""

from functools import lru_cache

from websockets.frames import Frame, Opcode


@lru_cache(maxsize=1)
def encoded(data: str | bytes) -> bytes:
    """Return the frame of a message; the relay hands one to all its sockets before it takes the next."""
    frame = Frame(Opcode.TEXT, data.encode()) if isinstance(data, str) else Frame(Opcode.BINARY, data)
    return frame.serialize(mask=False, extensions=[])
