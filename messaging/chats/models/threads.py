"""Threads: chats below a message of another chat, which decides who may read and write there."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from messaging import signals
from notifications.push import text

LONGEST_TITLE = 60


class WithThreads:
    """The part of a `Chat` that concerns threads."""

    if TYPE_CHECKING:
        DoesNotExist: type[ObjectDoesNotExist]
        objects: Any
        pk: int
        kind: Any
        Kind: Any
        parent: Any
        parent_id: int | None
        root: Any
        name_seq: Any

        def take_seq(self) -> int: ...
        def save(self, *args: Any, **kwargs: Any) -> None: ...

    @property
    def is_thread(self) -> bool:
        """Whether it is what was answered to one message of another chat."""
        return self.kind == self.Kind.THREAD

    @property
    def home(self) -> Any:
        """The chat whose people may read and write here: a thread has those of its own chat."""
        return self.parent if self.is_thread else self

    @property
    def beside_address(self) -> str:
        """Where a thread stands beside its chat."""
        return f"{self.parent.get_absolute_url()}?thread={self.pk}"

    @property
    def opening(self) -> str:
        """How the message begins that a thread answers."""
        return text.one_line(self.root.body, LONGEST_TITLE) or "A deleted message"

    def follow_root(self) -> None:
        """Note that the message was changed that a thread answers, as a change of the thread's stream."""
        with transaction.atomic():
            self.name_seq = self.take_seq()
            self.save(update_fields=["name_seq"])
            transaction.on_commit(lambda: signals.chat_renamed.send_robust(type(self), chat=self), robust=True)

    def lock_parent_for(self, user: User) -> None:
        """Lock the chat that a thread is of; its DoesNotExist unless the user may read that now.

        Call it behind the thread's own lock: whoever takes both does so in this order.
        """
        type(self).objects.select_for_update(no_key=True).get(pk=self.parent_id)
        self.parent = type(self).objects.visible_to(user).get(pk=self.parent_id)
