"""Copies of a message's files for another chat: of their own, so that neither goes with the other."""

import uuid
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from messaging.attachments import storage
from messaging.attachments.models import Attachment
from messaging.attachments.posting import GONE, Files
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from notifications.push import enqueue_on_commit

SAME = ("name", "content_type", "kind", "size", "width", "height", "is_animated", "previews", "description")


def copied(message: Message, chat_pk: int, user: User, form_id: uuid.UUID | None) -> Files | None:
    """Return what a message is posted with to have the files of another one; nothing if that has none.

    The copies are the same ones however often a form is sent; until it is taken they wait for their message, as what
    was sent by hand does. ValidationError if a file is gone meanwhile, Chat.DoesNotExist if the chat is.
    """
    files = message.attachments.in_order()
    keys = [_copy(file, chat_pk, user, uuid.uuid5(file.key, str(form_id or uuid.uuid4()))) for file in files]
    return Files(keys, {}) if keys else None


def _copy(file: Attachment, chat_pk: int, user: User, key: uuid.UUID) -> uuid.UUID:
    given = {name: getattr(file, name) for name in SAME}
    try:
        copy, _ = Attachment.objects.get_or_create(key=key, defaults={**given, "chat_id": chat_pk, "owner": user})
    except IntegrityError as error:
        raise Chat.DoesNotExist from error
    if copy.message_id is None:
        # The row first: what a crash leaves of its files is found by that.
        _copy_stored(file.key, key, has_previews=copy.previews == Attachment.Previews.MADE)
    if copy.previews == Attachment.Previews.WAITING:
        enqueue_on_commit("messaging.tasks.make_previews", str(key))
    return key


def _copy_stored(key: uuid.UUID, to: uuid.UUID, *, has_previews: bool) -> None:
    try:
        storage.copy(key, storage.ORIGINAL, to)
        for what in _previews_of(key) if has_previews else ():
            storage.copy(key, what, to)
    except FileNotFoundError as error:
        raise ValidationError(GONE, code="gone") from error


def _previews_of(key: uuid.UUID) -> Iterable[str]:
    return [what for what in (storage.THUMBNAIL, storage.LARGE) if storage.exists(key, what)]
