"""Files for programs: post them with a message, and fetch one."""

import uuid
from hashlib import file_digest
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Status
from ninja.files import UploadedFile

from messaging.attachments import serving, uploading
from messaging.attachments.models import Attachment
from messaging.attachments.posting import Files
from messaging.chats.models.chat import Chat
from messaging.messages import commands, composing
from messaging.messages.data import MessageData, data_of
from notifications.push import SignedInRequest, api, limits

router = api.Router(tags=["Files"])
BINARY = {"schema": {"type": "string", "format": "binary"}}
DOWNLOAD = {"responses": {200: {"description": "The file, or with `Range` a part of it (206).", "content": {}}}}


class WithFiles(api.Given):
    """What is said beside files: nothing needs to be."""

    text: Annotated[str, Field(max_length=10_000), api.STORABLE] = ""
    client_id: uuid.UUID | None = None
    reply_to: api.Number | None = None


@router.post("/chats/{chat}/files", auth=api.needs("write"), response={201: MessageData})
def post_files(
    request: SignedInRequest,
    chat: api.Number,
    message: Form[WithFiles],
    files: File[list[UploadedFile]],
    key: api.IdempotencyKey = None,
) -> Status[MessageData]:
    """Post a message with files: a form (`multipart/form-data`) with one or more fields called `files`."""
    user: Any = request.user
    found: Chat = get_object_or_404(Chat.objects.visible_to(user), pk=chat)
    if len(files) > settings.ATTACHMENTS_PER_MESSAGE:
        raise ValidationError(f"A message can have {settings.ATTACHMENTS_PER_MESSAGE} files.", code="many")
    with api.once(request, key, message.model_dump_json(), *map(_content, files)) as made_id:
        client_id = message.client_id or made_id
        # What is sent again brings its files again, which are not those of the first time.
        if posted := user.messages.filter(client_id=client_id, chat=found).select_related("author").first():
            return Status(201, data_of(posted))
        limits.take("posts", user.pk)
        said = commands.read(chat, user, message.text, client_id)
        keys = [uploading.receive(found, user, file).pk for file in files]
        additions = [*composing.given(message.model_dump()), *said.additions, Files(keys, {})]
        return Status(201, data_of(found.post(user, said.body, client_id, additions)))


@router.get("/files/{uuid:key}", auth=api.needs("read"), response={200: None}, url_name="file", openapi_extra=DOWNLOAD)
def get_file(request: SignedInRequest, key: uuid.UUID) -> HttpResponseBase:
    """Fetch a file of a message."""
    found = Attachment.objects.visible_to(request.user)
    answer: HttpResponseBase = serving.inert(serving.original)(request, get_object_or_404(found, pk=key))
    return answer


def _content(file: Any) -> str:
    """Return what says that a file is the same as one that was sent before, and leave it as it was."""
    found = file_digest(file.file, "sha256").hexdigest()
    file.seek(0)
    return f"{file.name} {found}"
