"""What the answer to a try means: delivered, to be tried again and when, given up, or nobody is there any more."""

import logging
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notifications.inbox.notify import notify
from notifications.webhooks import recording
from notifications.webhooks.models import Webhook, WebhookDelivery

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=1)
"""So long an event is tried to be delivered."""
PAUSES = [10, 60, 300, 1200, 3600, 7200, 14400, 21600, 28800]
"""Between its tries, in seconds: the last try comes within a day. Each is up to a fifth longer or shorter."""
MOST_WAITING = 1000
"""With so many events waiting, a webhook that fails is switched off."""
GONE = 410

State = WebhookDelivery.State


class Answer(NamedTuple):
    """What came of one try: a status, the beginning of the text behind it, or what went wrong."""

    milliseconds: int
    status: int | None = None
    text: str = ""
    error: str = ""
    retry_after: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error

    @property
    def reason(self) -> str:
        """In words, why it counts as none."""
        if self.error or self.is_good:
            return self.error
        if self.status is not None and 300 <= self.status < 400:
            return f"It answered with a redirection ({self.status}), which is not followed."
        return f"It answered with the status {self.status}."


def note_all(ended: Collection[tuple[WebhookDelivery, Answer]]) -> None:
    """Note what came of tries, and what is to be done next."""
    good = [(delivery, answer) for delivery, answer in ended if answer.is_good]
    if good:
        _note_good(good)
    for delivery, answer in ended:
        if not answer.is_good:
            _note_failure(delivery, answer)


def _note_good(good: Collection[tuple[WebhookDelivery, Answer]]) -> None:
    with transaction.atomic():
        # Webhooks before their deliveries, as whoever switches one off does: neither waits for the other for ever.
        hooks = Webhook.objects.filter(pk__in={delivery.webhook_id for delivery, _ in good})
        hooks.update(failures=0, succeeded_at=timezone.now())
        for delivery, answer in good:
            found = WebhookDelivery.objects.filter(pk=delivery.pk)
            found.update(state=State.DELIVERED, due_at=None, **_what_came(answer))
    for delivery, answer in good:
        if answer.text:
            _hand_on(delivery, answer.text)


def _hand_on(delivery: WebhookDelivery, text: str) -> None:
    subject, pk = recording.find(delivery.webhook.subject) or (None, 0)
    try:
        if subject:
            subject.answered(pk, delivery, text)
    except Exception:
        # It has arrived, whatever becomes of the answer.
        logger.exception("What was answered to %s could not be taken", delivery)


def _note_failure(delivery: WebhookDelivery, answer: Answer) -> None:
    due_at = _next_try(delivery, answer)
    state = State.WAITING if due_at else State.FAILED
    found = WebhookDelivery.objects.filter(pk=delivery.pk)
    # Whoever has switched it off meanwhile has ended what was waiting: that stands.
    found.filter(state=State.WAITING).update(state=state, due_at=due_at)
    found.update(**_what_came(answer))
    Webhook.objects.filter(pk=delivery.webhook_id).update(failures=F("failures") + 1)
    if because := _why_off(delivery, answer, state):
        switch_off(delivery.webhook, because, delivery.key)


def _what_came(answer: Answer) -> dict[str, Any]:
    return {
        "tried_at": timezone.now(),
        "milliseconds": answer.milliseconds,
        "status": answer.status,
        "answer": answer.text,
        "error": answer.reason[:300],
    }


def switch_off(hook: Webhook, because: str, key: str) -> None:
    """Switch a webhook off, if it is on, and tell whoever answers for it, once for each `key`."""
    if not Webhook.objects.filter(pk=hook.pk, is_on=True).exists():
        return
    # Told before it is so: if this ends in between, the next try does both, and tells nothing twice.
    text = f"The webhook to {hook.host} was switched off: {because}"
    notify(hook.owner, text, hook.get_absolute_url(), key=f"webhook.{hook.pk}.{key}")
    hook.switch_off(because)


def _next_try(delivery: WebhookDelivery, answer: Answer) -> datetime | None:
    pause = _pause(delivery.attempts, answer.retry_after)
    due_at = timezone.now() + pause if pause else None
    return due_at if due_at and due_at <= delivery.since + LONGEST else None


def _pause(attempts: int, retry_after: str) -> timedelta | None:
    """Return how long to wait after so many tries; no shorter than was asked for, and nothing after the last."""
    if attempts > len(PAUSES):
        return None
    # Not for secrets: so that those who failed together do not all come back together.
    seconds = PAUSES[max(attempts, 1) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
    return max(timedelta(seconds=seconds), _asked_for(retry_after))


def _asked_for(retry_after: str) -> timedelta:
    """Return what `Retry-After` says, in seconds or as a time; nothing for what is neither, a day at most."""
    if retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after[:9]), LONGEST.total_seconds()))
    try:
        wanted = parsedate_to_datetime(retry_after) - timezone.now()
    except (ValueError, TypeError):
        return timedelta()
    return min(max(wanted, timedelta()), LONGEST)


def _why_off(delivery: WebhookDelivery, answer: Answer, state: str) -> str:
    if answer.status == GONE:
        return "it answered that it is gone (410)."
    hook = Webhook.objects.filter(pk=delivery.webhook_id).first()
    if hook is None:
        return ""
    if state == State.FAILED and (hook.succeeded_at is None or hook.succeeded_at < delivery.since):
        return f"for a day nothing has arrived. {answer.reason}"
    if hook.deliveries.filter(state=State.WAITING).count() > MOST_WAITING:
        return f"more than {MOST_WAITING} events wait for it. {answer.reason}"
    return ""
