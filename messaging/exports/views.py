"""Taking a chat away as a file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from messaging.exports import files as exports
from notifications.push import SeeOther, SignedInRequest, jobs, limits, note_deed

CHUNK = 256 * 1024


@require_POST
def create(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin to export one's chat, and show how far that is, or that there are too many."""
    chat = get_object_or_404(exports.exportable_by(request.user), pk=pk)
    limits.take("exports", request.user.pk)
    try:
        exports.start(request.user, chat)
    except jobs.TooMany as refusal:
        messages.warning(request, str(refusal))
    return SeeOther("notifications:jobs")


@require_GET
@never_cache
def download(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    """Return the file of one's export, as long as the chat is one's own and the file is kept."""
    job = get_object_or_404(request.user.jobs.filter(task=exports.TASK).exclude(result_url=""), pk=pk)
    chat = get_object_or_404(exports.exportable_by(request.user), pk=job.arguments[0])
    path = exports.path_of(job.pk)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise Http404 from None
    note_deed(f"export {pk} of chat {chat.pk} downloaded", request)
    return StreamingHttpResponse(
        _chunks(path),
        content_type="application/zip",
        headers={
            "Content-Disposition": str(
                content_disposition_header(True, exports.file_name(chat.title_for(request.user)))
            ),
            "Content-Length": str(size),
        },
    )


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    # Asynchronous, because Django reads whatever is not into memory as a whole before it sends the first byte.
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
