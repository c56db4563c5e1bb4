"""The sender of a process: it claims what is due and posts many events at once, on one thread with an event loop.

A task only wakes it, so no receiver that hangs holds a worker's thread. It has a limit of its own, and one for each
webhook, beyond which what is due waits and leaves room for others. A process that dies leaves what it had claimed to
whoever wakes after that: the claim ends by itself.
"""

import asyncio
import logging
import os
import threading
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache, partial

import aiohttp
from channels.db import database_sync_to_async
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notifications.webhooks import answers, posting, recording
from notifications.webhooks.models import WebhookDelivery

logger = logging.getLogger(__name__)

AT_ONCE = 256
"""So many tries a process has under way."""
AT_ONCE_EACH = 4
"""And so many of them for one webhook."""
CLAIM = timedelta(seconds=60)
"""How long a try is left alone: it takes `posting.WHOLE_SECONDS` at most."""
LOOK_UPS = 64
"""So many names are looked up at once: a name server may hang as well."""
UNLIKE_OWNER = "whoever set it up may not manage it any more."


class Sender:
    """Sends from one process."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="webhook-names"))
        self.due = asyncio.Event()
        self.under_way: Counter[int] = Counter()
        self.ended: deque[tuple[WebhookDelivery, answers.Answer]] = deque()
        # One thread claims and notes: SQLite has one writer anyway.
        writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="webhook-rows")
        self.in_database = partial(database_sync_to_async, thread_sensitive=False, executor=writer)
        threading.Thread(target=self.loop.run_until_complete, args=[self._run()], name="webhooks", daemon=True).start()

    def wake(self) -> None:
        """Let it look for what is due."""
        self.loop.call_soon_threadsafe(self.due.set)

    async def _run(self) -> None:
        async with posting.session() as session:
            tries: set[asyncio.Task[None]] = set()
            while await self.due.wait():
                self.due.clear()
                for delivery in await self._claimed():
                    task = self.loop.create_task(self._try(session, delivery))
                    tries.add(task)
                    task.add_done_callback(tries.discard)

    async def _claimed(self) -> list[WebhookDelivery]:
        try:
            claimed = await self.in_database(claim)(Counter(self.under_way))
        except Exception:
            logger.exception("No webhooks could be claimed")
            return []
        self.under_way.update(delivery.webhook_id for delivery in claimed)
        return claimed

    async def _try(self, session: aiohttp.ClientSession, delivery: WebhookDelivery) -> None:
        try:
            answer = await posting.post(session, delivery)
            self.ended.append((delivery, answer))
            # What ends meanwhile is noted with it: the thread is busy with what ended before.
            await self.in_database(self._note)()
        except Exception:
            logger.exception("A try of %s was not noted", delivery)
        finally:
            if self.under_way[delivery.webhook_id] >= AT_ONCE_EACH or self.under_way.total() >= AT_ONCE:
                # Something may have waited for this room.
                self.due.set()
            self.under_way[delivery.webhook_id] -= 1

    def _note(self) -> None:
        ended = []
        while self.ended:
            ended.append(self.ended.popleft())
        answers.note_all(ended)


def wake() -> None:
    """Let this process send what is due."""
    _sender(os.getpid()).wake()


@lru_cache(maxsize=1)
def _sender(pid: int) -> Sender:
    # The pid is in the key because a forked worker has no threads of its parent's.
    return Sender()


def claim(under_way: Counter[int]) -> list[WebhookDelivery]:
    """Claim what is due and has room beside what is under way, by webhook; nobody else claims it too."""
    claimed: list[WebhookDelivery] = []
    while rows := _claim_some(under_way):
        claimed += rows
    may_send: dict[tuple[int, str], bool] = {}
    return [row for row in claimed if _is_to_be_sent(row, may_send)]


def _claim_some(under_way: Counter[int]) -> list[WebhookDelivery]:
    """Claim some of it, what has waited longest first, and count it as under way; no row is left of a full webhook."""
    full = [hook for hook, count in under_way.items() if count >= AT_ONCE_EACH]
    due = WebhookDelivery.objects.filter(due_at__lte=timezone.now()).exclude(webhook__in=full)
    # Who claims at the same time takes others.
    due = due.select_related("webhook__owner").select_for_update(of=("self",), skip_locked=True)
    rows = []
    with transaction.atomic():
        for row in due.order_by("due_at", "pk")[: max(0, AT_ONCE - under_way.total())]:
            if under_way[row.webhook_id] < AT_ONCE_EACH:
                under_way[row.webhook_id] += 1
                row.attempts += 1
                rows.append(row)
        claimed = WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows])
        claimed.update(due_at=timezone.now() + CLAIM, attempts=F("attempts") + 1)
    return rows


def _is_to_be_sent(delivery: WebhookDelivery, known: dict[tuple[int, str], bool]) -> bool:
    hook = delivery.webhook
    who = (hook.owner_id, hook.subject)
    if who not in known:
        known[who] = recording.may_manage(hook.owner, hook.subject)
    if not known[who]:
        answers.switch_off(hook, UNLIKE_OWNER, delivery.key)
    return known[who]
