"""Live regions: parts of a page that follow an object, and are whole whatever is lost on the way.

    live.register(Order, visible_to=orders_seen_by)

in an app's `ready()` lets pages say `{% live order %} … {% endlive %}`. From then on every push to an order counts in
its `Version`, in the transaction of whoever pushes. So a page and the relays know how far they are, and what has missed
a push fetches its region from its own address.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.signals import post_delete
from django.utils.html import format_html

from notifications.live import streams
from notifications.live.door import group_name, recheck_rights
from notifications.live.models import Version

Pairs = Iterable[tuple[int, int]]
VisibleTo = Callable[[Collection[int], Collection[int]], Pairs]
"""Takes primary keys of people and of objects, returns which `(user_pk, pk)` go together: one query for many."""


class LiveStream(streams.Stream):
    """The objects of one model as streams; what a page lacks is not rendered here but fetched by it."""

    seq_says_all = True

    def __init__(self, kind: str, visible_to: VisibleTo) -> None:
        self.kind = kind
        self.visible_to = visible_to

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """Give the object's own group to those who may see it."""
        user_pks, pks = {user_pk for user_pk, _ in pairs}, {pk for _, pk in pairs}
        return {pair: {self._name(pair[1])} for pair in set(pairs) & set(self.visible_to(user_pks, pks))}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return how many pushes each of these objects has had."""
        seqs = Version.objects.seqs([self._name(pk) for pk in pks])
        return {pk: seqs[self._name(pk)] for pk in pks}

    def changes(self, pk: int, after: int) -> streams.Changes:
        """Tell a page that has not had all pushes to fetch its region."""
        seq = self.tops([pk])[pk]
        return streams.Changes(seq, "" if seq == after else stale(self._name(pk)))

    def take_seq(self, pk: int) -> int:
        return Version.objects.take_seq(self._name(pk))

    def _name(self, pk: int) -> str:
        return f"{self.kind}.{pk}"


def register(model: type[models.Model], visible_to: VisibleTo) -> None:
    """Let regions of pages follow the objects of a model, whose primary key must be a whole number.

    `visible_to(user_pks, pks)` says who may, by one query: it returns those `(user_pk, pk)` that go together. It is
    asked when a socket opens, every 20 seconds, and at once after `recheck_rights`, of people or of a group.
    """
    kind = str(model._meta.model_name)
    if streams.split(f"{kind}.0"):
        raise ImproperlyConfigured(f"{model._meta.label} cannot be live: another kind of streams is called {kind!r}.")
    streams.register(kind, LiveStream(kind, visible_to))
    post_delete.connect(_deleted, sender=model)


def position(instance: models.Model) -> tuple[str, int]:
    """Return the stream of an object and its `seq`; ImproperlyConfigured if its model is not registered."""
    name = group_name(instance)
    kind, _ = streams.split(name) or ("", 0)
    if not (kind and isinstance(streams.get(kind), LiveStream)):
        model = type(instance).__name__
        raise ImproperlyConfigured(
            f"{name} cannot be live: call live.register({model}, visible_to=…) in the ready() of its app's config."
        )
    return name, streams.tops([name])[name]


def stale(name: str) -> str:
    """Return the fragment that makes the regions of an object fetch themselves afresh; regions.js acts on it."""
    return format_html("<data value hx-swap-oob=\"innerHTML:[data-refresh='{}']\" data-stale></data>", name)


def _deleted(instance: models.Model, **kwargs: Any) -> None:
    # Its sockets are closed; a row that a push of this transaction makes again counts for nobody.
    Version.objects.filter(group=group_name(instance)).delete()
    recheck_rights(group=group_name(instance))
