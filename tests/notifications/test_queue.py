"""Queueing from requests, which wait for nothing."""

import time

import pytest
from celery import Celery
from django.conf import settings

from notifications import queue


def test_a_queue_that_is_away_holds_nobody_up_whatever_a_project_keeps_of_its_tasks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = "redis://127.0.0.1:1"
    app = Celery("shop", broker=away, backend=away, set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(queue, "signature", app.signature)
    began_at = time.monotonic()
    queue.enqueue("shop.tasks.count")
    assert time.monotonic() - began_at < 5, "it would wait 19 s for a place for the result"
    assert "Celery's broker takes no tasks" in caplog.text
