"""What a process loads before it says that it is ready."""

import subprocess
import sys

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from messaging.models import Chat
from notifications.testing import Event
from project import paths, ready
from project.threads import SynchronousHandler
from tests.security.everything import snapshot

CODE = """
import sys
import project.asgi
from django.template import engines
from django.urls import get_resolver
known = set(sys.modules)
loaders = engines["django"].engine.template_loaders[0].get_template_cache
from celery import current_app
print("messaging.messages.views" in known, "messaging.tasks" in known, "channels_redis.pubsub" in known)
print("base.html" in loaders, "messaging/messages/_line.html" in loaders, "notifications/jobs/_panel.html" in loaders)
"""


def test_the_first_request_finds_all_of_it_loaded() -> None:
    """In a process of its own: here, other tests have loaded it."""
    done = subprocess.run([sys.executable, "-c", CODE], cwd=paths.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True"] * 6, done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_opens_a_chat_and_posts_there_and_leaves_nothing(room: Chat, pushes: list[Event]) -> None:
    asked: list[int] = []

    def get_response(request: HttpRequest) -> HttpResponseBase:
        answer = handler.get_response(request)
        asked.append(answer.status_code)
        return answer

    handler, before = SynchronousHandler(), snapshot()
    ready.rehearse(get_response)
    assert asked == [200], "somebody who is signed in sees the chat"
    assert snapshot() == before
    assert pushes == []
    room.refresh_from_db()
    assert (room.seq, room.last_number) == (0, 0)


@pytest.mark.django_db
def test_a_site_with_no_chat_yet_begins_without(caplog: pytest.LogCaptureFixture) -> None:
    ready.rehearse(lambda request: pytest.fail("there is nothing to be opened"))
    assert not [record for record in caplog.records if record.name == "project.ready"]


@pytest.mark.django_db
def test_so_does_one_whose_database_is_away(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr("django.db.transaction.Atomic.__enter__", away)
    with caplog.at_level("INFO"):
        ready.rehearse(lambda request: pytest.fail("there is nothing to be opened"))
    assert "without a rehearsal: the database is away" in caplog.text
