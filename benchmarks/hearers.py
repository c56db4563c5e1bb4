"""Programs that webhooks are sent to, in a process of their own: one that answers at once, and one that never does.

    python -m benchmarks.hearers PORT

It prints when it listens and, once its input has ended, how late each message came to the one that answers, in ns.
"""

import asyncio
import re
import sys
import time
from contextlib import suppress

from benchmarks.inside import POST_MARK

STAMP = re.compile(rb"%s(\d+)" % POST_MARK.encode())
LENGTH = re.compile(rb"content-length: (\d+)", re.I)
HANGING = "/hanging"


async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: list[int]) -> None:
    """Take one message."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    body = await reader.readexactly(int(found[1]) if found else 0)
    if HANGING.encode() in head:
        # Until the other side has had enough.
        with suppress(ConnectionError):
            await reader.read()
    else:
        if stamp := STAMP.search(body):
            late.append(time.monotonic_ns() - int(stamp[1]))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    writer.close()


async def listen(port: int) -> list[int]:
    """Listen until the input has ended."""
    late: list[int] = []
    server = await asyncio.start_server(lambda *ends: hear(*ends, late), "127.0.0.1", port, backlog=1000)
    print("listening", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    # Those that hang still do, and nobody waits for them.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    return late


if __name__ == "__main__":
    print(*asyncio.run(listen(int(sys.argv[1]))))
