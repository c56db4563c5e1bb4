"""What is kept of a file that somebody has sent."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from messaging.attachments import kinds
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 1000
WAITS_FOR = timedelta(days=1)
"""So long a file is kept that was sent and stands in no message."""
MOST_WAITING = 30
"""Of these one person has so many; with the next one the oldest goes."""
MOST_TRIES = 3
SHOWN_WIDTH, SHOWN_HEIGHT = 360, 300
"""CSS pixels of a picture in a message at most."""
FILM_SIZE = (360, 202)
"""Of a film, whatever its own size is: nothing moves when that becomes known."""


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Finds files by who is asking: every use of one begins here."""

    def visible_to(self, user: User) -> "AttachmentQuerySet":
        """Return those in messages of chats that the user may read, and their own that are in none yet."""
        is_said = models.Q(message__isnull=False) | models.Q(owner=user)
        return self.filter(is_said, chat__in=Chat.objects.visible_to(user))

    def waiting(self, user: User) -> "AttachmentQuerySet":
        """Return the user's own that stand in no message yet."""
        return self.filter(owner=user, message=None).exclude(chat=None)

    def without_previews(self) -> "AttachmentQuerySet":
        """Return the pictures whose task has not been done."""
        return self.filter(previews=Attachment.Previews.WAITING).exclude(chat=None)

    def give_up(self) -> int:
        """Take whatever files are not to be kept from everybody's eyes; return how many: `left` has them then."""
        return self.update(chat=None, message=None)

    def left(self) -> "AttachmentQuerySet":
        """Return those that are to be deleted: their message or chat was, or they have waited too long for one."""
        self.filter(message=None, created_at__lt=timezone.now() - WAITS_FOR).give_up()
        return self.filter(chat=None)

    def in_order(self) -> "AttachmentQuerySet":
        return self.order_by("place", "created_at")


class Attachment(models.Model):
    """A file, by a key that nobody can guess. It is of a chat from the beginning, and of a message once that is sent.

    One without a chat is seen by nobody, and its files are deleted before the row is: none is left behind by a crash.
    """

    class Previews(models.TextChoices):
        """Whether there are small copies of it."""

        NONE = "", "None"
        WAITING = "waiting", "Waiting"
        MADE = "made", "Made"
        FAILED = "failed", "Failed"

    class Kind(models.TextChoices):
        """What it is shown as."""

        PICTURE = kinds.PICTURE, "Picture"
        FILM = kinds.FILM, "Film"
        SOUND = kinds.SOUND, "Sound"
        FILE = kinds.FILE, "File"

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(Chat, models.SET_NULL, null=True, related_name="attachments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="attachments")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="attachments")
    place = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=LONGEST_NAME)
    content_type = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    is_animated = models.BooleanField(default=False)
    previews = models.CharField(max_length=10, choices=Previews.choices, default=Previews.NONE, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(message=None), name="files_in_no_message"),
            models.Index(fields=["created_at"], condition=models.Q(previews="waiting"), name="files_without_previews"),
        ]

    def __str__(self) -> str:
        return f"file {self.key}"

    @property
    def is_picture(self) -> bool:
        """Whether it is shown as one: it has its copies, or they are still being made."""
        return self.kind == kinds.PICTURE and self.previews in {self.Previews.WAITING, self.Previews.MADE}

    @property
    def has_large(self) -> bool:
        """Whether a browser is shown a large copy in its place."""
        return self.content_type == kinds.HEIC and self.previews == self.Previews.MADE

    @property
    def fields(self) -> dict[str, Any]:
        """What is shown of it, as its message keeps it in `parts`."""
        shown = {
            "key": str(self.key),
            "kind": kinds.FILE if self.kind == kinds.PICTURE and not self.is_picture else self.kind,
            "name": self.name,
            "type": self.content_type,
            "size": self.size,
            "alt": self.description,
        }
        if self.is_picture:
            shown |= {"is_made": self.previews == self.Previews.MADE, "is_animated": self.is_animated}
            shown |= {"is_large": self.has_large}
        if self.is_picture or self.kind == kinds.FILM:
            shown["width"], shown["height"] = self.shown_size
        return shown

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height in a message, known before any of it is loaded."""
        if not (self.width and self.height):
            return FILM_SIZE
        scale = min(1, SHOWN_WIDTH / self.width, SHOWN_HEIGHT / self.height)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


def shown(attachments: Iterable[Attachment]) -> list[dict[str, Any]]:
    """Return what a message keeps of its files."""
    return [attachment.fields for attachment in attachments]
