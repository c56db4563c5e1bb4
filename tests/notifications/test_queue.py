"""Queueing from requests, which wait for nothing."""

import time
from typing import Any

import pytest
from celery import Celery

from celery_app import app
from notifications import queue


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project's Celery application: its broker, which keeps results too, is away, and nothing is said of time."""
    away = "redis://127.0.0.1:1"
    shop = Celery("shop", broker=away, backend=away, set_as_current=False)
    monkeypatch.setattr(queue, "current_app", shop)
    queue._producers.cache_clear()
    yield shop
    queue._producers.cache_clear()


def test_a_queue_that_is_away_holds_nobody_up_whatever_a_project_says_of_it(
    shop: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    @shop.task
    def count() -> None:
        pass

    began_at = time.monotonic()
    queue.enqueue(count)
    queue.enqueue("shop.tasks.of_another_program")
    assert time.monotonic() - began_at < 2, "by Celery's own rules it would be 12"
    assert "Celery's broker takes no tasks" in caplog.text


def test_a_task_is_found_by_its_name_with_all_that_it_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    app.loader.import_default_modules()
    task = app.tasks["notifications.tasks.note_beat"]
    monkeypatch.setattr(task, "apply_async", lambda args, **options: sent.append(task.name))
    queue.enqueue("notifications.tasks.note_beat")
    queue.enqueue(task)
    assert sent == [task.name] * 2
