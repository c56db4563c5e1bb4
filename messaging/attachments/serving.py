"""Answers with a file, or with a part of one, and with all that keeps a browser from taking it for a page."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

from csp.constants import NONE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from messaging.attachments import kinds, storage
from messaging.attachments.models import Attachment

inert: Any = csp({"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": [""]})
"""Decorates views: whatever is in their answer may do nothing, also where it is opened by itself."""
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
WEBP = "image/webp"


def original(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """Answer with the file as it was sent: shown in place if that is harmless and not told otherwise, else saved."""
    is_shown = attachment.content_type in kinds.SHOWN
    disposition = content_disposition_header(not is_shown or "download" in request.GET, attachment.name)
    headers = {
        "Content-Type": attachment.content_type if is_shown else kinds.UNKNOWN,
        "Content-Disposition": str(disposition or "inline"),
    }
    return _answer(request, attachment, storage.ORIGINAL, attachment.size, headers)


def preview(request: HttpRequest, attachment: Attachment, what: str) -> HttpResponseBase:
    """Answer with a small copy of a picture."""
    try:
        size = storage.size(attachment.key, what)
    except FileNotFoundError:
        raise Http404 from None
    return _answer(request, attachment, what, size, {"Content-Type": WEBP, "Content-Disposition": "inline"})


def _answer(
    request: HttpRequest, attachment: Attachment, what: str, size: int, headers: dict[str, str]
) -> HttpResponseBase:
    path = storage.path(attachment.key, what)
    if path and settings.X_ACCEL_REDIRECT:
        return HttpResponse(headers={**headers, "X-Accel-Redirect": f"{settings.X_ACCEL_REDIRECT}{quote(path)}"})
    # It never changes, so its key says which it is.
    tag = f'"{attachment.key.hex}.{what}"'
    headers |= {"Accept-Ranges": "bytes", "ETag": tag}
    status, start, end = 200, 0, size
    if part := _asked(request, size, tag):
        # Also where it is all of it: that says to a player that it may ask for parts.
        status, (start, end) = 206, part
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if start >= end:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_sent(attachment, what, start, end - start), status=status, headers=headers)


def _asked(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Return from where to where a part is asked for, of no bytes if there are none; None if all of it is."""
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or asked.group() == "bytes=-" or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)


async def _sent(attachment: Attachment, what: str, start: int, length: int) -> AsyncIterator[bytes]:
    # Asynchronous, because Django reads whatever is not into memory as a whole before it sends the first byte.
    chunks = await asyncio.to_thread(_opened, attachment, what, start, length)
    while data := await asyncio.to_thread(next, chunks, b""):
        yield data


def _opened(attachment: Attachment, what: str, start: int, length: int) -> Iterator[bytes]:
    return storage.chunks(attachment.key, what, start, length)
