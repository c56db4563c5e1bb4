"""How far the index is."""

from typing import Self

from django.db import models

from messaging.messages.models import Message
from messaging.search.tokens import VERSION


class Indexing(models.Model):
    """By which version of the words messages are indexed, all but those up to the primary key `behind`.

    There is one row. The index itself is no model: it is another kind of table on each database.
    """

    version = models.PositiveIntegerField()
    behind = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"indexed by {self.version}, but for what is up to {self.behind}"

    @classmethod
    def now(cls) -> Self:
        """Return how far it is; of another version of the words everything is behind."""
        defaults = {"version": VERSION, "behind": newest()}
        state, _ = cls.objects.get_or_create(pk=1, defaults=defaults)
        # While a new release is rolled out, an old worker has nothing to say.
        if state.version < VERSION:
            cls.objects.filter(pk=1, version__lt=VERSION).update(**defaults)
            state.refresh_from_db()
        return state

    def done_above(self, pk: int) -> None:
        """Note that only messages up to `pk` are behind."""
        Indexing.objects.filter(pk=1, version=self.version, behind__gt=pk).update(behind=pk)
        self.behind = pk


def newest() -> int:
    """Return the primary key of the newest message, 0 if there is none."""
    return Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
