"""Bellwire's web servers and what stands before its pages, with an application that says what has come through.

`python -m tests.security.echo SERVER DESCRIPTOR`; SECONDS is how long heads, bodies and handshakes may take.
"""

import asyncio
import json
import os
import socket
import sys
from importlib import import_module
from typing import Any

from project.serve import inbound

inbound.HEAD_SECONDS = inbound.BODY_SECONDS = inbound.HANDSHAKE_SECONDS = float(os.environ["SECONDS"])
inbound.FAREWELL_SECONDS = 0.3


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer who asks, by which scheme, and how much came along; a WebSocket at `/never` is not answered."""
    if scope["path"] == "/never":
        await asyncio.Event().wait()
    size, message = 0, await receive()
    while message.get("more_body"):
        size += len(message["body"])
        message = await receive()
    size += len(message.get("body", b""))
    told = json.dumps([scope["client"][0], scope.get("scheme"), size]) + "\n"
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
        await send({"type": "http.response.body", "body": told.encode()})
    else:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": told})
        await send({"type": "websocket.close"})


if __name__ == "__main__":
    asgi = import_module("project.asgi")
    asgi.router.application_mapping = {"http": echo, "websocket": echo}
    listener = socket.socket(fileno=int(sys.argv[2]))
    listener.setblocking(False)
    import_module(f"project.serve.{sys.argv[1]}").serve(asgi.application, listener, shares_listener=False)
