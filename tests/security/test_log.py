"""S36, S37: what people do to doors and rights is one line of the log each, and what clients do wrong is no more."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from messaging.exports import files
from messaging.models import Chat
from notifications.models import Announcement
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
HOSTILE = "bob\r\n2026 INFO bellwire.security: signed in: 1 'root'\u2028x"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What an operator finds in the log, in the form that it has there."""
    stream = StringIO()
    configurator = DictConfigurator(settings.LOGGING)
    handler = logging.StreamHandler(stream)
    config = settings.LOGGING["handlers"]["console"]
    handler.setFormatter(configurator.configure_formatter(settings.LOGGING["formatters"][config["formatter"]]))
    for name in config["filters"]:
        handler.addFilter(configurator.configure_filter(dict(settings.LOGGING["filters"][name])))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def security(log: StringIO) -> list[str]:
    return [line.partition("bellwire.security: ")[2] for line in log.getvalue().splitlines() if "bellwire." in line]


@pytest.fixture
def alice(alice: User) -> User:
    alice.set_password(PASSWORD)
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return alice


def test_coming_failing_and_going(alice: User, log: StringIO) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    client.post("/accounts/logout/")
    client.post("/accounts/login/?next=/admin/", {"username": "alice", "password": PASSWORD})
    client.post("/admin/logout/")
    who = f"{alice.pk} 'alice' from 192.0.2.7"
    comes_and_goes = [f"signed in: {who}", f"signed out: {who}"]
    assert security(log) == ["failed to sign in as 'alice': from 192.0.2.7", *comes_and_goes, *comes_and_goes]
    assert PASSWORD not in log.getvalue()
    assert "wrong" not in log.getvalue()


def test_who_guesses_too_often_is_in_the_log(alice: User, log: StringIO) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    for _ in range(11):
        client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    *failures, last = [line for line in security(log) if "sign in" in line]
    assert failures == ["failed to sign in as 'alice': from 192.0.2.7"] * 10
    assert last == "tried too often to sign in as 'alice': from 192.0.2.7"


def test_a_name_makes_no_line_of_its_own(log: StringIO) -> None:
    Client().post("/accounts/login/", {"username": HOSTILE, "password": "wrong"})
    (line,) = [line for line in log.getvalue().splitlines() if "sign in as" in line]
    assert "\\r\\n2026" in line
    assert "\\u2028" in line
    assert "signed in: 1 'root'\n" not in log.getvalue()


def test_passwords(alice: User, log: StringIO) -> None:
    client = signed_in(alice)
    new = {"password1": "another-good-one", "password2": "another-good-one"}
    client.post("/accounts/password_change/", {"oldpassword": "wrong", **new})
    assert [line for line in security(log) if "password" in line] == []
    client.post("/accounts/password_change/", {"oldpassword": PASSWORD, **new})
    assert [line for line in security(log) if "password" in line] == [f"new password: {alice.pk} 'alice'"]
    assert "another-good-one" not in log.getvalue()


def test_accounts_and_rights(alice: User, bob: User, log: StringIO) -> None:
    who = f"{bob.pk} 'bob'"
    bob.is_staff = True
    bob.save()
    bob.first_name = "Robert"
    bob.save()
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    bob.save(update_fields=["last_login"])
    bob.delete()
    call_command("createsuperuser", username="root", email="", interactive=False, verbosity=0)
    assert security(log)[:3] == [
        f"changed account, rights active, staff: {who}",
        f"changed account, rights staff: {who}",
        f"deleted account: {who}",
    ]
    assert security(log)[3].startswith("new account, rights active, staff, superuser:")


def test_signing_up(log: StringIO) -> None:
    Client().post("/accounts/signup/", {"username": "dave", "password1": PASSWORD, "password2": PASSWORD})
    first, second, third = security(log)
    assert first.startswith("new account, rights active:")
    assert second.startswith("new password:")
    assert third.startswith("signed in:")


def test_what_staff_do_in_the_administration(alice: User, bob: User, log: StringIO) -> None:
    client = signed_in(alice)
    form = {"username": "bob", "first_name": "Bob", "is_active": "on", "is_staff": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert client.post(f"/admin/auth/user/{bob.pk}/change/", {**form, **dates}).status_code == 302
    changed, administered = security(log)[-2:]
    assert changed.startswith("changed account, rights active, staff:")
    assert administered.startswith(f"administration, Change user {bob.pk} 'bob' ")
    assert administered.endswith(f": {alice.pk} 'alice'")


def test_announcements(alice: User, log: StringIO) -> None:
    client = signed_in(alice)
    later = timezone.now() + timedelta(days=1)
    form = {"title": "Cake", "audience": "all", "body": "", "first_at": f"{later:%Y-%m-%dT%H:%M}", "every": ""}
    page = client.get("/announcements/new/").context["form"]
    client.post("/announcements/new/", {**form, "client_id": page["client_id"].value()})
    made = Announcement.objects.get()
    page = client.get(f"/announcements/{made.pk}/change/").context["form"]
    hidden = {field.name: field.value() for field in page.hidden_fields()}
    client.post(f"/announcements/{made.pk}/change/", {**form, **hidden, "title": "Tea"})
    client.post(f"/announcements/{made.pk}/stopping/")
    who = f"{alice.pk} 'alice' from 127.0.0.1"
    assert [line for line in security(log) if line.startswith("announcement")] == [
        f"announcement {made.pk} made for 'all': {who}",
        f"announcement {made.pk} changed: {who}",
        f"announcement {made.pk} stopped: {who}",
    ]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_downloads(room: Chat, alice: User, log: StringIO) -> None:
    job = files.start(alice, room)
    alice.jobs.update(result_url="/exports/1/")
    path = files.path_of(job.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"zip")
    now = timezone.now()
    announcement = Announcement.objects.create(author=alice, title="Cake", audience="all", first_at=now)
    roll = announcement.deliveries.create(due_at=now, alive_at=now, retry_at=now)
    client = signed_in(alice)
    client.get(f"/exports/{job.pk}/")
    client.get(f"/announcements/rolls/{roll.pk}/roll.csv")
    who = f"{alice.pk} 'alice' from 127.0.0.1"
    assert [line for line in security(log) if "downloaded" in line] == [
        f"export {job.pk} of chat {room.pk} downloaded: {who}",
        f"roll {roll.pk} downloaded: {who}",
    ]


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "too many fields": ("/accounts/login/", {"data": "&".join(["a=1"] * 2_000)}),
    "no boundary": ("/accounts/login/", {"data": "x", "content_type": "multipart/form-data"}),
    "foreign host": ("/accounts/login/", {"headers": {"host": "evil.example"}}),
    "no token": ("/accounts/login/", {}),
    "NUL": ("/?a=%00", {}),
    "charset": ("/accounts/login/", {"content_type": "text/plain; charset=utf-7"}),
    "nowhere": ("/no%0Awhere/", {}),
    "too large": ("/accounts/login/", {"data": "a=" + "x" * 3_000_000}),
}


@pytest.mark.parametrize(("path", "options"), WRONG.values(), ids=WRONG)
def test_what_a_client_does_wrong_is_one_line(path: str, options: dict[str, Any], log: StringIO) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    log.truncate(0)
    log.seek(0)
    answer = client.generic("POST", path, **{"content_type": "application/x-www-form-urlencoded", **options})
    assert 400 <= answer.status_code < 500
    assert len(log.getvalue().splitlines()) == 1, log.getvalue()
    assert "Traceback" not in log.getvalue()


@override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
def test_what_the_site_does_wrong_keeps_its_traceback(
    bob: User, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("messaging.chats.views._home", fail)
    client = Client(raise_request_exception=False)
    client.force_login(bob)
    client.get("/")
    assert "RuntimeError: broken" in log.getvalue()
