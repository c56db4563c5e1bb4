"""What happens, kept for the webhooks that want to hear of it: in the transaction in which it happens.

An app registers an object for each kind of stream whose events it records, in its `ready()`.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from notifications.live import streams
from notifications.queue import enqueue_on_commit
from notifications.webhooks.models import Webhook, WebhookDelivery

SEND = "notifications.tasks.send_webhooks"
TEST = "webhook.test"
"""The event of somebody who wants to see whether anything arrives."""


class Subject(ABC):
    """One kind of stream that webhooks can be of; `events` are their names and what they are in words."""

    events: Mapping[str, str]

    @abstractmethod
    def may_manage(self, user: User, pk: int) -> bool:
        """Return whether the user may make webhooks of it now, and see those that there are."""

    @abstractmethod
    def title(self, user: User, pk: int) -> str:
        """Return what it is called."""

    @abstractmethod
    def address(self, pk: int) -> str:
        """Return the address of the page that leads to its webhooks."""

    @abstractmethod
    def note(self, pk: int) -> None:
        """Note whether it has webhooks, in the transaction in which one came or went, by `has_any`.

        What is recorded of it is to cost nothing while it has none.
        """

    def answered(self, pk: int, delivery: WebhookDelivery, answer: str) -> None:  # noqa: B027 - most take none
        """Take what a receiver has answered to an event that arrived there, or the beginning of that if it is long."""


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Have `subject` answer for the webhooks of all streams named `kind.…`."""
    _subjects[kind] = subject


def find(name: str) -> tuple[Subject, int] | None:
    """Return what answers for a stream of this name, and the stream's primary key; nothing if there is none.

    Some are no streams that pages follow, only named like them.
    """
    found = streams.split(name, _subjects)
    return found and (_subjects[found[0]], found[1])


def may_manage(user: User, name: str) -> bool:
    """Return whether the user may manage the webhooks of a stream now."""
    found = find(name)
    return bool(found and user.is_active and found[0].may_manage(user, found[1]))


def has_any(subject: str) -> bool:
    """Return whether a stream has webhooks, switched on or not."""
    return Webhook.objects.filter(subject=subject).exists()


def record(subjects: Collection[str], event: str, data: Callable[[], Mapping[str, Any]]) -> None:
    """Keep an event for the webhooks of these streams that want it, and have it sent once this has committed.

    Call it in the transaction of the change, and only where a stream has webhooks: it costs a query.
    """
    hooks = [hook for hook in Webhook.objects.filter(subject__in=subjects, is_on=True) if event in hook.events]
    if hooks:
        keep(hooks, event, data())


def keep(hooks: Collection[Webhook], event: str, data: Mapping[str, Any]) -> list[WebhookDelivery]:
    """Keep an event for these webhooks, whatever they want to hear of."""
    now = timezone.now().astimezone(UTC).isoformat().replace("+00:00", "Z")
    body = json.dumps({"type": event, "timestamp": now, "data": data}, cls=DjangoJSONEncoder, ensure_ascii=False)
    made = WebhookDelivery.objects.bulk_create(WebhookDelivery(webhook=hook, event=event, body=body) for hook in hooks)
    enqueue_on_commit(SEND)
    return made


def forget(subject: str) -> None:
    """Delete the webhooks of a stream that is gone."""
    Webhook.objects.filter(subject=subject).delete()
