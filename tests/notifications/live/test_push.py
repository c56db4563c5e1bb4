"""The one door: after commit, rendered once, and harmless when Redis is not there."""

import ast
import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from channels.layers import InMemoryChannelLayer
from django.contrib.auth.models import User
from django.db import transaction
from django.test import override_settings

from notifications import metrics
from notifications.breaker import Breaker
from notifications.live import door
from notifications.testing import Event, captured_pushes

ROOT = Path(door.__file__).parent.parent.parent
PRODUCT = [path for app in ("project", "notifications", "messaging") for path in (ROOT / app).rglob("*.py")]


def test_only_the_door_sends_to_groups() -> None:
    assert [path.name for path in PRODUCT if "group_send" in path.read_text()] == ["door.py"]


def test_the_push_service_knows_nothing_of_chats() -> None:
    for path in PRODUCT:
        if "notifications" in path.parts[len(ROOT.parts)]:
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not [name for name in names if name and name.startswith("messaging")], path


def test_nor_do_its_templates() -> None:
    theirs = {path.stem for path in (ROOT / "messaging" / "templatetags").glob("[a-z]*.py")}
    for path in (ROOT / "templates" / "notifications").rglob("*.html"):
        source = path.read_text()
        loaded = {name for tag in re.findall(r"{% load (.*?) %}", source) for name in tag.split()}
        assert not loaded & theirs, path
        assert "messaging/" not in source, path


@pytest.mark.django_db(transaction=True)
def test_a_push_leaves_after_the_commit_and_not_after_a_rollback(pushes: list[Event]) -> None:
    with transaction.atomic():
        door.push_html("dashboard", "kept", "<p id=a>kept</p>")
        assert pushes == []
    assert [event["html"] for event in pushes] == ["<p id=a>kept</p>"]
    with transaction.atomic():
        door.push_html("dashboard", "lost", "<p id=a>lost</p>")
        transaction.set_rollback(True)
    assert len(pushes) == 1


@pytest.mark.django_db(transaction=True)
def test_pushes_together_leave_in_one_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    trips: list[list[str]] = []
    monkeypatch.setattr(door, "_send", lambda events: trips.append([event["group"] for event in events]))
    with door.together():
        door.push_html("dashboard", "first", "<p id=a></p>")
        door.push_html("board", "second", "<p id=b></p>")
        assert trips == []
    door.push_html("board", "third", "<p id=b></p>")
    assert trips == [["dashboard", "board"], ["board"]]


@pytest.mark.django_db(transaction=True)
def test_any_object_has_a_group(alice: User) -> None:
    with captured_pushes() as events:
        door.push(alice, "messaging/push/link_name.html", {"chat": {"pk": 1, "name": "General"}})
    assert (events[0]["group"], events[0]["event"]) == (f"user.{alice.pk}", "link_name")
    assert 'id="chat-title-1"' in events[0]["html"]


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_push_fails_at_once_and_is_counted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": "unix:///nowhere/redis.sock"}]},
        }
    }
    failed = metrics.pushes_failed._value.get()
    tried: list[Event] = []
    send = door._send_in_loop

    def note_and_send(events: Sequence[Event]) -> None:
        tried.extend(events)
        send(events)

    monkeypatch.setattr(door, "_send_in_loop", note_and_send)
    with override_settings(CHANNEL_LAYERS=nowhere):
        for _ in range(50):
            door.push_html("dashboard", "late", "<p id=a>late</p>")
    assert len(tried) == door._breaker.limit, "the rest did not wait for a Redis that is not there"
    assert metrics.pushes_failed._value.get() == failed + 50
    assert len([record for record in caplog.records if record.name == "notifications.breaker"]) == 1


class LateLayer(InMemoryChannelLayer):
    """A channel layer whose code takes long to load, as it does on a busy machine."""

    def __init__(self) -> None:
        super().__init__()
        time.sleep(0.5)


@pytest.mark.django_db(transaction=True)
def test_the_first_push_of_a_process_is_not_lost_to_the_time_that_its_code_takes_to_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "SEND_TIMEOUT", 0.1)
    door._sender_loop.cache_clear()
    failed = metrics.pushes_failed._value.get()
    with override_settings(CHANNEL_LAYERS={"default": {"BACKEND": f"{__name__}.LateLayer"}}):
        door.recheck_rights([1])
    assert metrics.pushes_failed._value.get() == failed


def test_the_breaker_spares_callers_the_wait_and_tries_again() -> None:
    called = []

    def fail() -> None:
        called.append(1)
        raise OSError

    breaker = Breaker("away", metrics.pushes_failed, limit=2, pause=60)
    for _ in range(5):
        breaker.call(fail)
    assert len(called) == 2
    breaker.pause = 0.0
    breaker.call(fail)
    assert len(called) == 3, "one may try when the pause is over"
    breaker.call(called.append, 1)
    breaker.pause = 60
    breaker.call(called.append, 1)
    assert len(called) == 5, "and one that works shuts it"


def test_when_the_pause_is_over_one_caller_tries_and_the_others_do_not_wait_with_it() -> None:
    def fail() -> None:
        raise TimeoutError

    def try_for_long() -> None:
        breaker.call(tried.append, "beside it")

    tried: list[str] = []
    breaker = Breaker("away", metrics.pushes_failed, limit=1, pause=60)
    breaker.call(fail)
    breaker.failed_at -= 61
    breaker.call(try_for_long)
    assert tried == []
    breaker.call(tried.append, "after it")
    assert tried == ["after it"]
