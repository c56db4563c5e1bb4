"""What was said."""

import uuid
from collections.abc import Callable, Collection
from copy import deepcopy
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from messaging import signals
from messaging.accounts.models.block import BLOCKED
from messaging.accounts.people import as_bot, display_name
from messaging.chats import mentions, reading
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import TOGETHER, Addition
from messaging.messages import parts, sender
from messaging.messages.shown import FIELDS, Shown
from notifications.push import dom_id, rewrite, text

PAGE_SIZE = 50
CONTEXT = 10
"""So many messages stand before the one that a page begins at."""


class MessageQuerySet(models.QuerySet["Message"]):
    """The lists that pages and streams show."""

    def visible_to(self, user: User) -> "MessageQuerySet":
        """Return the messages of chats that the user may read."""
        return self.filter(chat__in=Chat.objects.visible_to(user))

    def turning(self) -> "MessageQuerySet":
        """Return them with whether they go on in one turn with what was said before."""
        before = Message.objects.filter(
            chat=OuterRef("chat"),
            number=OuterRef("number") - 1,
            author=OuterRef("author"),
            created_at__gt=OuterRef("created_at") - TOGETHER,
        )
        return self.annotate(is_continued=Exists(before))

    def shown(self) -> list[Shown]:
        """Return what is shown of them."""
        return [Shown._make(row) for row in self.values_list(*FIELDS)]

    def page_before(self, number: int | None = None) -> list[Shown]:
        """Return the newest messages, or those before a `number`, oldest first."""
        messages = self if number is None else self.filter(number__lt=number)
        return messages.order_by("-number")[:PAGE_SIZE].shown()[::-1]

    def page_from(self, number: int) -> list[Shown]:
        """Return a page of messages that begins with this number, oldest first."""
        return self.filter(number__gte=number).order_by("number")[:PAGE_SIZE].shown()

    def page_around(self, number: int, last: int) -> list[Shown]:
        """Return a page from this number on, and some before it: more where there are fewer behind it.

        `last` is the chat's newest number: one query finds both parts, since no number is left out.
        """
        number = min(number, last + 1)
        later = min(PAGE_SIZE, last + 1 - number)
        first = number - max(CONTEXT, PAGE_SIZE - later)
        return self.filter(number__gte=first, number__lt=number + later).order_by("number").shown()

    def changed_after(self, seq: int) -> "MessageQuerySet":
        """Return the messages written, edited or deleted since, in the order of their numbers."""
        return self.filter(changed_seq__gt=seq).order_by("number")


class Message(models.Model):
    """A message keeps its `number` in the chat; `changed_seq` is the stream's `seq` of its last change.

    A deleted message stays as a row without a body, so that pages which missed the deletion hear of it.
    `named` has the primary keys of those whom it names and reaches, each with the `seq` of the change that did so;
    `parts` what other rooms add to it (see messages/parts.py).
    """

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    number = models.PositiveBigIntegerField(editable=False)
    created_seq = models.PositiveBigIntegerField(editable=False)
    changed_seq = models.PositiveBigIntegerField(editable=False)
    # Whether it names somebody: by an index of those that do, unread mentions are found among many messages.
    is_naming = models.BooleanField(default=False, db_default=False, editable=False)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    named = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    parts = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    notified_at = models.DateTimeField(null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    author_turn = 0
    """The `turn` of its author's membership, while it is being posted."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="one_message_per_form"),
            models.UniqueConstraint(fields=["chat", "number"], name="one_message_per_number"),
        ]
        indexes = [
            models.Index(fields=["chat", "changed_seq"]),
            models.Index(fields=["chat", "created_at"], name="messages_by_day"),
            models.Index(fields=["created_at"], condition=models.Q(notified_at=None), name="unnotified_messages"),
            models.Index(fields=["chat", "number"], condition=models.Q(is_naming=True), name="naming_messages"),
        ]

    def __str__(self) -> str:
        # The admin's pages of deletion and the log say this, and what was said is not for them.
        return f"message {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("message", args=[self.pk])

    @property
    def place(self) -> str:
        """Where its chat is opened at it."""
        return f"{reading.address_at(self.chat, self.number)}#{dom_id(self)}"

    @cached_property
    def is_continued(self) -> bool:
        """Whether it goes on in one turn with the message before it; lists of messages bring that along."""
        turning: Any = Message.objects.turning()
        return any(turning.filter(pk=self.pk).values_list("is_continued", flat=True))

    @property
    def shown(self) -> Shown:
        """What is shown of it, by whoever has its author at hand with their `called`."""
        called = getattr(self.author, "called", None)
        return Shown(
            self.pk,
            self.number,
            self.changed_seq,
            self.author_id,
            self.created_at,
            self.edited_at,
            self.deleted_at,
            self.html,
            parts.packed(self.parts),
            self.author.username,
            self.author.first_name,
            called and called.is_odd,
            called and called.is_shared,
            called and called.is_bot,
        )

    @property
    def sender(self) -> str:
        """The name it is shown under: the author's, or what a program has called itself for this one message."""
        name = self.parts.get(sender.NAME, {}).get("name")
        return as_bot(name) if name else display_name(self.author)

    @property
    def key(self) -> str:
        """The key under which everybody has at most one notification of it."""
        return f"message.{self.pk}"

    @property
    def line(self) -> str:
        """What a notification says of it."""
        where = "" if self.chat.is_direct else f" in {self.chat}"
        what = (
            "a message that was deleted" if self.deleted_at else " ".join([self.body, *parts.lines(self.parts)]).strip()
        )
        return f"{self.sender}{where}: {what}"

    def same_as(self, chat_pk: int, body: str, additions: Collection[Addition] = ()) -> "Message":
        """Return this message to a form that has its `client_id`; ValidationError if that form says something else."""
        # What the form said when this was posted cannot be compared any more once it was edited or deleted.
        is_as_posted = not self.edited_at and not self.deleted_at
        is_same = self.body == body and all(addition.is_of(self) for addition in additions)
        if self.chat_id != chat_pk or (is_as_posted and not is_same):
            raise ValidationError(
                "This form has sent another message already. Send it again to post this one.", code="spent"
            )
        return self

    def cleaned_body(self, body: str) -> str:
        """Return another text for it as it is stored, empty only beside what is enough; raises as `text.clean` does."""
        return "" if not body.strip() and parts.are_enough(self.parts) else text.clean(body)

    def edit(self, body: str) -> None:
        """Replace the body; ValidationError if it cannot be stored, its author may not write there now.

        DoesNotExist if it was deleted meanwhile. Who is named by it for the first time is told.
        """
        with transaction.atomic():
            seq = self.chat.take_seq()
            if refusal := Chat.objects.select_related("parent").get(pk=self.chat_id).closed_for(self.author):
                raise refusal
            if self.chat.is_closed_to(self.author):
                raise ValidationError(BLOCKED, code="blocked")
            # What others have added since this was read must not be missing where it is shown from here.
            self.parts = self._parts_now()
            body = self.cleaned_body(body)
            # Who is here has been rung by the message, or is not by its edit.
            html, named = mentions.render(body, self.chat.readers(), self.author_id, self.named.__contains__)
            since = {str(pk): self.named.get(str(pk), seq) for pk in named}
            if mentions.HERE in named:
                # Who was here when it was said, and not who is now.
                since = {**self.named, **since}
            untold = {} if since.keys() <= self.named.keys() else {"notified_at": None}
            self._change(seq, body=body, html=html, named=since, edited_at=timezone.now(), **untold)

    def change_part(self, name: str, change: Callable[[Any], Any]) -> bool:
        """Let a part be what `change` makes of it, None being none; return whether that is something else than before.

        DoesNotExist if the message was deleted meanwhile, unless the part outlives that. Pages show it within moments:
        it may come in crowds.
        """
        with transaction.atomic():
            self.chat.lock()
            now = self._parts_now(is_deleted_too=parts.is_lasting(name))
            before, after = now.get(name), change(deepcopy(now.get(name)))
            if after == before:
                return False
            self.parts = {key: value for key, value in {**now, name: after}.items() if value is not None}
            self.changed_seq = self.chat.take_seq()
            Message.objects.filter(pk=self.pk).update(parts=self.parts, changed_seq=self.changed_seq)
            signals.part_changing.send(Message, message=self, name=name)
            say = partial(signals.part_changed.send_robust, Message, message=self, name=name)
            transaction.on_commit(say, robust=True)
        return True

    def delete_body(self, **left: Any) -> None:
        """Leave only the fact that there was a message, and the parts by which that says how it went."""
        with transaction.atomic():
            seq = self.chat.take_seq()
            kept = parts.forgotten(self.pk, self._parts_now(), left)
            self._change(seq, body="", html="", named={}, parts=kept, deleted_at=timezone.now())

    def rewrite_notifications(self) -> None:
        """Let the notifications of it say what it says now: what was deleted must not live on in a bell.

        What is new in it is for those only who may still see it. Call it in the transaction that has changed or locked
        the message.
        """
        among = None if self.deleted_at else self.chat.readers()
        rewrite(self.key, self.line, among)

    def _parts_now(self, *, is_deleted_too: bool = False) -> dict[str, Any]:
        """Return its parts behind the chat's lock; DoesNotExist if it was deleted meanwhile."""
        found = Message.objects.filter(Q() if is_deleted_too else Q(deleted_at=None), pk=self.pk)
        return found.values_list("parts", flat=True).get()

    def _change(self, seq: int, **fields: object) -> None:
        fields["changed_seq"] = seq
        fields["is_naming"] = bool(fields["named"])
        is_naming_others = self.named != fields["named"]
        signals.message_about_to_change.send(Message, message=self, fields=fields)
        # A deletion that came first stands: the tombstone is no longer there to be edited.
        if not Message.objects.filter(pk=self.pk, deleted_at=None).update(**fields):
            raise Message.DoesNotExist
        for name, value in fields.items():
            setattr(self, name, value)
        transaction.on_commit(lambda: signals.message_changed.send_robust(Message, message=self), robust=True)
        if is_naming_others:
            transaction.on_commit(lambda: signals.naming_changed.send_robust(Message, message=self), robust=True)
        signals.message_changing.send(Message, message=self)
        # In the same commit: what is deleted here must not live on in a bell when this process dies right after.
        self.rewrite_notifications()
