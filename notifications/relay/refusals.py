"""Refusals before anything is open: what a close code is as an answer of HTTP."""

import json
from http import HTTPStatus
from typing import Any

from notifications.relay.close_codes import CloseCode
from notifications.relay.credentials import subprotocol_of

STATUSES = {
    CloseCode.SIGNED_OUT: HTTPStatus.UNAUTHORIZED,
    CloseCode.NO_LONGER_ALLOWED: HTTPStatus.FORBIDDEN,
    CloseCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
}
"""What is in none of these may come again: at 503 libraries wait before they do, at 429 some give up."""
DETAILS = {
    CloseCode.SIGNED_OUT: "No such token or session, or one that has ended.",
    CloseCode.NO_LONGER_ALLOWED: "This token is not good for reading.",
    CloseCode.NOT_FOUND: "No such stream for this person.",
    CloseCode.TOO_MANY: "Too many connections are open, or are opened.",
}
DENIAL = "websocket.http.response"
"""The extension of ASGI by which a handshake is refused with an answer; without it the server says 403."""
RETRY_SECONDS = 30


def answer(code: CloseCode) -> tuple[HTTPStatus, list[tuple[bytes, bytes]], bytes]:
    """Return the status, the headers and the body (problem+json) that say why nothing is opened."""
    status = STATUSES.get(code, HTTPStatus.SERVICE_UNAVAILABLE)
    detail = DETAILS.get(code, "Try again in a moment.")
    body = json.dumps({"title": status.phrase, "status": status, "detail": detail}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(RETRY_SECONDS).encode()))
    return status, headers, body


async def refuse(scope: dict[str, Any], send: Any, code: CloseCode) -> None:
    """Refuse a handshake, and say why where the server can; where it cannot, accept who may come again to tell them."""
    if DENIAL in scope.get("extensions", {}):
        status, headers, body = answer(code)
        await send({"type": f"{DENIAL}.start", "status": int(status), "headers": headers})
        await send({"type": f"{DENIAL}.body", "body": body})
    elif code in STATUSES:
        await send({"type": "websocket.close"})
    else:
        # For a plain refusal they would give up.
        await send({"type": "websocket.accept", "subprotocol": subprotocol_of(scope)})
        await send({"type": "websocket.close", "code": int(code)})
