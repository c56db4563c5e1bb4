"""What can be wrong between a push and the pages that should show it, each as a check that tries it for real."""

import asyncio
import importlib.metadata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from celery import current_app
from channels_redis.utils import decode_hosts
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.timesince import timesince

from notifications.doctor.models import BEAT, Heartbeat
from notifications.doctor.probes import ask_redis, push_by_worker, push_to_page, signed_in
from notifications.live import people

SLOW_MS = 20.0
"""A Redis beside the site answers within a millisecond; what takes this long is felt in every post."""
BEAT_SILENCE = timedelta(minutes=2)
"""Beat has itself noted every half a minute."""
SKEW_SECONDS = 2.0
"""Clocks further apart than this make due times, sessions and sweepers wrong."""


class Level(StrEnum):
    """How bad it is; what fails makes the doctor's exit code 1."""

    OK = "ok"
    WARNING = "warn"
    FAILURE = "FAIL"


class Finding(NamedTuple):
    """What a check has found, and what to do about it."""

    level: Level
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined: the site at `url`, as the person called `username` sees it, or somebody if that is empty."""

    url: str
    username: str = ""


Findings = Iterator[Finding]


def examine(patient: Patient) -> Findings:
    """Run all checks, one after the other; one that breaks is a finding and not the end."""
    for name, check in CHECKS.items():
        try:
            yield from check(patient)
        except Exception as error:
            reason = str(error).strip() or type(error).__name__
            yield Finding(Level.FAILURE, f"{name}: {reason.splitlines()[0]}", _advice(name))


# The parts, from the ground up


def versions(patient: Patient) -> Findings:
    """Look for versions whose faults would break pushes."""
    installed = dict(_installed("channels", "channels-redis", "daphne", "redis"))
    yield Finding(Level.OK, ", ".join(f"{name} {version}" for name, version in installed.items()))
    if "daphne" in installed and _numbers(installed["daphne"]) < (4, 2, 2):
        text = "Daphne before 4.2.2 takes frames without bound and smuggled headers (CVE-2026-44545, -44546)"
        yield Finding(Level.FAILURE, text, _advice("versions"))
    if _backend().endswith("core.RedisChannelLayer"):
        text = "channels-redis's core layer loses bursts and, with redis-py 8, closes idle sockets"
        yield Finding(Level.FAILURE, text, "Use channels_redis.pubsub.RedisPubSubChannelLayer in CHANNEL_LAYERS.")


def database(patient: Patient) -> Findings:
    """See that the database answers and has all tables."""
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        text = "1 migration is missing" if len(missing) == 1 else f"{len(missing)} migrations are missing"
        yield Finding(Level.FAILURE, text, "Run `manage.py migrate`.")
    else:
        yield Finding(Level.OK, f"the database ({connection.vendor}) answers and is up to date")


def layer(patient: Patient) -> Findings:
    """See that the channel layer leaves this process, and that its Redis answers soon and knows the time."""
    if _backend().endswith("InMemoryChannelLayer"):
        yield Finding(Level.FAILURE, "the channel layer is in memory: no push leaves its own process", _advice("layer"))
        return
    own: dict[str, Any] = settings.CHANNEL_LAYERS["default"]
    hosts = decode_hosts(own.get("CONFIG", {}).get("hosts"))
    for number, host in enumerate(hosts, 1):
        which = f"Redis {number} of {len(hosts)}" if len(hosts) > 1 else "Redis"
        version, seconds, at = asyncio.run(ask_redis(host))
        if seconds * 1000 > SLOW_MS:
            yield Finding(Level.WARNING, f"{which} takes {seconds * 1000:.0f} ms to answer", NEARER)
        else:
            yield Finding(Level.OK, f"{which} ({version}) answers in {seconds * 1000:.1f} ms")
        yield from _clock(which, at)


def worker(patient: Patient) -> Findings:
    """See that Celery workers take every queue, and that what they push comes out of this channel layer."""
    workers = current_app.control.inspect(timeout=1).active_queues() or {}
    if not workers:
        yield Finding(Level.FAILURE, "no Celery worker answers", _advice("worker"))
        return
    yield Finding(Level.OK, f"{len(workers)} Celery {'worker answers' if len(workers) == 1 else 'workers answer'}")
    for queue in sorted({*current_app.amqp.queues} - {taken["name"] for each in workers.values() for taken in each}):
        yield Finding(Level.FAILURE, f"no Celery worker takes the queue {queue}", TAKE.format(queue))
    seconds = asyncio.run(push_by_worker())
    yield Finding(Level.OK, f"a push by a worker came through the channel layer in {seconds * 1000:.0f} ms")


def beat(patient: Patient) -> Findings:
    """See that Celery beat hands out the periodic tasks."""
    last, now = Heartbeat.objects.last_of(BEAT), timezone.now()
    if last is None:
        yield Finding(Level.FAILURE, "Celery beat was never at work", _advice("beat"))
    elif now - last > BEAT_SILENCE:
        yield Finding(Level.FAILURE, f"Celery beat was last at work {timesince(last, now)} ago", _advice("beat"))
    else:
        yield Finding(Level.OK, "Celery beat hands out the periodic tasks")
        if last > now:
            yield from _clock("a worker's machine", last)


def page(patient: Patient) -> Findings:
    """Push to a real socket of the running site, and wait until it comes out there."""
    active = get_user_model().objects.filter(is_active=True).order_by("is_superuser", "pk")
    user = people.find(patient.username) if patient.username else active.first()
    if user is None and patient.username:
        yield Finding(Level.FAILURE, f"there is no active person called {patient.username}", "Look at --user.")
        return
    if user is None:
        yield Finding(Level.WARNING, "nobody has an account, so no socket could be opened", "Sign up first.")
        return
    with signed_in(user) as cookie:
        seconds = asyncio.run(push_to_page(patient.url, cookie, user))
    yield Finding(Level.OK, f"a push reached a socket of {patient.url} in {seconds * 1000:.0f} ms")


CHECKS: dict[str, Callable[[Patient], Findings]] = {
    "versions": versions,
    "database": database,
    "layer": layer,
    "worker": worker,
    "beat": beat,
    "page": page,
}
NEARER = "Run Redis nearer to the site, or look at what else it does."
TAKE = "Run a worker without --queues, or one more with `--queues {}`."
ADVICE = {
    "versions": "Upgrade it.",
    "database": "Look at DATABASES, and whether the database runs.",
    "layer": "Look at CHANNEL_LAYERS, and whether Redis runs.",
    "worker": "Run a worker of the project's Celery app, with the broker and the CHANNEL_LAYERS of the site.",
    "beat": "Run one beat of the project's Celery app, and a worker.",
    "page": "Is this where the site runs? Say it by --url. Does a proxy before it pass WebSockets on?",
}


def _advice(name: str) -> str:
    # A project may know by which of its own variables and commands it is done.
    own: dict[str, str] = getattr(settings, "PUSH_DOCTOR_ADVICE", {})
    return own.get(name, ADVICE[name])


def _installed(*names: str) -> Iterator[tuple[str, str]]:
    for name in names:
        with suppress(importlib.metadata.PackageNotFoundError):
            yield name, importlib.metadata.version(name)


def _backend() -> str:
    return str(settings.CHANNEL_LAYERS["default"]["BACKEND"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _clock(whose: str, at: datetime) -> Findings:
    apart = abs((timezone.now() - at).total_seconds())
    if apart > SKEW_SECONDS:
        yield Finding(
            Level.WARNING, f"the clock of {whose} is {apart:.0f} s off", "Run an NTP client on every machine."
        )
