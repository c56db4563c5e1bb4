"""How files come into a message: by the keys that were answered when they were sent, or with the post itself."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from messaging.attachments.models import LONGEST_DESCRIPTION, Attachment, shown
from messaging.attachments.part import NAME
from messaging.attachments.uploading import one_line, receive
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from messaging.messages.composing import Field
from messaging.messages.models import Message

KEYS = "files"
"""Has the key of each file that was sent before; `description.<key>` says what is to be seen in it."""
SENT = "new_files"
"""Has files themselves, where no script has sent them."""
GONE = "A file is not there any more: it waited too long, or was sent already. Choose it again."


class Files(Addition):
    """Files of a message; it may have no text beside them."""

    name = NAME
    is_enough = True

    def __init__(self, keys: Sequence[uuid.UUID], descriptions: dict[str, str]) -> None:
        self.keys = keys
        self.descriptions = descriptions
        self.files: list[Attachment] = []

    def value(self, chat: Chat, author: User) -> Any:
        """Return what is shown of them; ValidationError if one is not there for this chat."""
        # Locked, so that a picture's task finds the message, or this finds what the task has made.
        mine = Attachment.objects.filter(owner=author, chat=chat, pk__in=self.keys).select_for_update()
        found = {file.pk: file for file in mine}
        if len(found) < len(self.keys):
            raise ValidationError(GONE, code="gone")
        self.files = [found[key] for key in self.keys]
        for file in self.files:
            file.description = self.descriptions.get(str(file.pk), file.description)
        return shown(self.files)

    def added(self, message: Message) -> None:
        """Let them be of this message; ValidationError if one is of another already."""
        for place, file in enumerate(self.files):
            free = Attachment.objects.filter(pk=file.pk, message=None, chat=message.chat_id)
            if not free.update(message=message, place=place, description=file.description):
                raise ValidationError(GONE, code="gone")

    def is_of(self, message: Message) -> bool:
        """Return whether the message has just these files."""
        return [str(key) for key in self.keys] == [file["key"] for file in message.parts.get(NAME, ())]


class FilesField(Field):
    """Where files are chosen, and stand until their message is sent."""

    template = "messaging/attachments/_composer.html"

    def context(self, request: HttpRequest, chat: Chat) -> dict[str, Any]:
        keys = getattr(request, "kept_files", [])
        found = Attachment.objects.waiting(request.user).in_bulk(keys) if keys else {}  # type: ignore[arg-type]
        return {"files": [found[key] for key in keys if key in found], "most": settings.ATTACHMENTS_PER_MESSAGE}

    def read(self, request: HttpRequest) -> Files | None:
        """Return the files of a post's form, with those that it brings itself; nothing if there are none.

        ValidationError if some are refused; the others are kept, and shown with the text that was.
        """
        keys = request.kept_files = _chosen(request)  # type: ignore[attr-defined]  # for the form, if it comes back
        sent = request.FILES.getlist(SENT)
        if len(keys) + len(sent) > settings.ATTACHMENTS_PER_MESSAGE:
            raise ValidationError(f"A message can have {settings.ATTACHMENTS_PER_MESSAGE} files.", code="many")
        refusals: list[str] = []
        for upload in sent:
            try:
                keys.append(receive(_chat(request), request.user, upload).pk)  # type: ignore[arg-type]  # signed in
            except ValidationError as refusal:
                refusals += refusal.messages
        if refusals:
            raise ValidationError(" ".join(refusals), code="files")
        return Files(keys, _descriptions(request)) if keys else None


def _chosen(request: HttpRequest) -> list[uuid.UUID]:
    """Return the keys that a form names, each once; what is none is left out."""
    keys: dict[uuid.UUID, None] = {}
    for value in request.POST.getlist(KEYS):
        with suppress(ValueError):
            keys[uuid.UUID(value)] = None
    return list(keys)


def _chat(request: HttpRequest) -> Chat:
    match = request.resolver_match
    pk = match.kwargs["pk"] if match else 0
    return Chat.objects.visible_to(request.user).get(pk=pk)  # type: ignore[arg-type]


def _descriptions(request: HttpRequest) -> dict[str, str]:
    given = {name.removeprefix("description."): value for name, value in request.POST.items() if "description." in name}
    return {key: one_line(str(text))[:LONGEST_DESCRIPTION] for key, text in given.items()}
