"""What was said."""

import uuid

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from messaging import signals
from messaging.accounts.people import display_name
from messaging.chats.models.chat import Chat
from notifications.push import rewrite, text

PAGE_SIZE = 50


class MessageQuerySet(models.QuerySet["Message"]):
    """The lists that pages and streams show."""

    def visible_to(self, user: User) -> "MessageQuerySet":
        """Return the messages of chats that the user may read."""
        return self.filter(chat__in=Chat.objects.visible_to(user))

    def page_before(self, number: int | None = None, size: int = PAGE_SIZE) -> list["Message"]:
        """Return the newest `size` messages, or those before a `number`, oldest first."""
        messages = self.select_related("author__called").order_by("-number")
        if number is not None:
            messages = messages.filter(number__lt=number)
        return list(reversed(messages[:size]))

    def changed_after(self, seq: int) -> "MessageQuerySet":
        """Return the messages written, edited or deleted since, in the order of their numbers."""
        return self.filter(changed_seq__gt=seq).select_related("author__called").order_by("number")


class Message(models.Model):
    """A message keeps its `number` in the chat; `changed_seq` is the stream's `seq` of its last change.

    A deleted message stays as a row without a body, so that pages which missed the deletion hear of it.
    """

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    number = models.PositiveBigIntegerField(editable=False)
    created_seq = models.PositiveBigIntegerField(editable=False)
    changed_seq = models.PositiveBigIntegerField(editable=False)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    notified_at = models.DateTimeField(null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="one_message_per_form"),
            models.UniqueConstraint(fields=["chat", "number"], name="one_message_per_number"),
        ]
        indexes = [
            models.Index(fields=["chat", "changed_seq"]),
            models.Index(fields=["created_at"], condition=models.Q(notified_at=None), name="unnotified_messages"),
        ]

    def __str__(self) -> str:
        # The admin's pages of deletion and the log say this, and what was said is not for them.
        return f"message {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("message", args=[self.pk])

    @property
    def key(self) -> str:
        """The key under which everybody has at most one notification of it."""
        return f"message.{self.pk}"

    @property
    def line(self) -> str:
        """What a notification says of it."""
        where = "" if self.chat.is_direct else f" in {self.chat}"
        what = "a message that was deleted" if self.deleted_at else self.body
        return f"{display_name(self.author)}{where}: {what}"

    def same_as(self, chat: Chat, body: str) -> "Message":
        """Return this message to a form that has its `client_id`; ValidationError if that form says something else."""
        # What the form said when this was posted cannot be compared any more once it was edited or deleted.
        is_as_posted = not self.edited_at and not self.deleted_at
        if self.chat_id != chat.pk or (is_as_posted and self.body != body):
            raise ValidationError(
                "This form has sent another message already. Send it again to post this one.", code="spent"
            )
        return self

    def edit(self, body: str) -> None:
        """Replace the body; ValidationError if it cannot be stored, DoesNotExist if it was deleted meanwhile."""
        body = text.clean(body)
        self._change(body=body, html=text.render(body), edited_at=timezone.now())

    def delete_body(self) -> None:
        """Leave only the fact that there was a message."""
        self._change(body="", html="", deleted_at=timezone.now())

    def rewrite_notifications(self) -> None:
        """Let the notifications of it say what it says now: what was deleted must not live on in a bell.

        What is new in it is for those only who may still see it. Call it in the transaction that has changed or locked
        the message.
        """
        if self.deleted_at:
            among = None
        elif self.chat.kind == Chat.Kind.OPEN:
            among = User.objects.exclude(pk__in=self.chat.bans.values("user"))
        else:
            among = User.objects.filter(pk__in=self.chat.memberships.values("user"))
        rewrite(self.key, self.line, among)

    def _change(self, **fields: object) -> None:
        with transaction.atomic():
            seq = self.chat.take_seq()
            # A deletion that came first stands: the tombstone is no longer there to be edited.
            if not Message.objects.filter(pk=self.pk, deleted_at=None).update(changed_seq=seq, **fields):
                raise Message.DoesNotExist
            for name, value in {**fields, "changed_seq": seq}.items():
                setattr(self, name, value)
            transaction.on_commit(lambda: signals.message_changed.send_robust(Message, message=self), robust=True)
            # In the same commit: what is deleted here must not live on in a bell when this process dies right after.
            self.rewrite_notifications()
