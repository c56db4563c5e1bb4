"""How a room is kept in order: its topic, who may write there and how often, and whether it is archived."""

from datetime import timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from messaging import signals
from messaging.accounts.people import is_bot

GOVERNS = models.Q(is_owner=True) | models.Q(is_moderator=True)
"""Whose membership lets them keep a room in order."""
SHOWN = ["kind", "topic", "description", "archived_at", "is_announcing", "slow_seconds"]
"""What pages show of how a room is kept."""
ARCHIVED = "This room is archived: nobody can write in it."
ANNOUNCING = "Only owners and moderators write in this room."
SLOW = "This room is in slow mode: you can write again in %(seconds)s s."


class WithOrder:
    """The part of a `Chat` that its owners and moderators decide."""

    if TYPE_CHECKING:
        pk: int
        memberships: Any
        messages: Any
        home: Any
        is_direct: Any
        seq: Any
        state_seq: Any
        archived_at: Any
        is_announcing: Any
        slow_seconds: Any

        def _lock(self, member: User | None = None, *who: models.Q, **which: Any) -> None: ...
        def save(self, *args: Any, **kwargs: Any) -> None: ...
        def refresh_from_db(self, *args: Any, **kwargs: Any) -> None: ...

    def is_governed_by(self, user: User) -> bool:
        """Return whether the user is an owner or a moderator of the room, or of the one that a thread is of."""
        governing: models.QuerySet[Any] = self.home.memberships.filter(GOVERNS, user=user)
        return not self.home.is_direct and governing.exists()

    def refusal(self, author: User) -> ValidationError | None:
        """Return why nothing can be said here by this author now, None if it can; asked behind the lock."""
        return self.closed_for(author) or self._too_soon(author)

    def closed_for(self, author: User) -> ValidationError | None:
        """Return why this author can neither say nor change anything here, None if they can; asked behind the lock."""
        home = self.home
        if home.archived_at:
            return ValidationError(ARCHIVED, code="archived")
        if home.is_announcing and not self.is_governed_by(author):
            return ValidationError(ANNOUNCING, code="announcing")
        return None

    def _too_soon(self, author: User) -> ValidationError | None:
        seconds = self.home.slow_seconds
        if not seconds or self.is_governed_by(author):
            return None
        since = timezone.now() - timedelta(seconds=seconds)
        last = self.messages.filter(author=author, created_at__gt=since).aggregate(at=models.Max("created_at"))["at"]
        waits = ceil((last - since).total_seconds()) if last else 0
        # Programs say what others send them, which would be lost; they have limits of their own.
        is_refused = waits > 0 and not is_bot(author)
        return ValidationError(SLOW, code="slow", params={"seconds": waits}) if is_refused else None

    def describe(self, topic: str, description: str, by: User) -> None:
        """Say what the room is for; Chat.DoesNotExist unless who does so keeps it in order."""
        self._decide(by, GOVERNS, topic=topic, description=description)

    def let_write(self, *, is_announcing: bool, slow_seconds: int, by: User) -> None:
        """Decide who may write in the room and how often; Chat.DoesNotExist unless it is owned by who does so."""
        self._decide(by, models.Q(is_owner=True), is_announcing=is_announcing, slow_seconds=slow_seconds)

    def archive(self, by: User, *, is_on: bool = True) -> None:
        """Let the room only be read, or bring it back; Chat.DoesNotExist unless it is owned by who does so."""
        self._decide(by, models.Q(is_owner=True), archived_at=timezone.now() if is_on else None)

    def change_kind(self, kind: str, by: User) -> None:
        """Let the room be open or private from now on; IntegrityError if another open room has its name.

        Chat.DoesNotExist unless it is owned by who does so.
        """
        self._decide(by, models.Q(is_owner=True), kind=kind)

    def _decide(self, by: User, who: models.Q, **fields: Any) -> None:
        """Change what pages show of the room, as a change of its stream."""
        with transaction.atomic():
            self._lock(by, who)
            # What others have decided meanwhile is pushed along with it.
            self.refresh_from_db(fields=SHOWN)
            for name, value in fields.items():
                setattr(self, name, value)
            self.seq += 1
            self.state_seq = self.seq
            keys = ["topic_key"] if "topic" in fields else []
            self.save(update_fields=[*fields, *keys, "seq", "state_seq"])
            say = partial(signals.room_changed.send_robust, type(self), chat=self, changed=frozenset(fields))
            transaction.on_commit(say, robust=True)
