"""What is not sent yet, and what was sent and is no longer said."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message


class DraftQuerySet(models.QuerySet["Draft"]):
    """Keeps one draft for each person and chat."""

    def keep(self, user: User, chat: Chat, body: str) -> None:
        """Keep what somebody is writing in a chat, in the place of what they were; an empty text leaves nothing.

        Chat.DoesNotExist if the chat was deleted meanwhile.
        """
        if not body.strip():
            self.filter(user=user, chat=chat).delete()
            return
        draft = Draft(user=user, chat=chat, body=body)
        try:
            Draft.objects.bulk_create(
                [draft], update_conflicts=True, unique_fields=["user", "chat"], update_fields=["body", "updated_at"]
            )
        except IntegrityError as error:
            raise Chat.DoesNotExist from error


class Draft(models.Model):
    """What somebody has begun to write in a chat, for all their devices."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="drafts")
    body = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "chat"], name="one_draft_per_person_and_chat")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Edit(models.Model):
    """What a message said from `written_at` on, until it was edited."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="edits")
    html = models.TextField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"edit {self.pk}"
