"""What the doctor finds without a site that runs; tests/live has the rest."""

import importlib.metadata
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import exceptions

from notifications.doctor import checks as doctor
from notifications.doctor.checks import Finding, Level, Patient
from notifications.doctor.models import BEAT
from notifications.models import Heartbeat
from notifications.tasks import note_beat
from project import paths

pytestmark = pytest.mark.django_db
NOWHERE = Patient("http://127.0.0.1:1")


def failures(findings: doctor.Findings) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.FAILURE]


def test_a_layer_that_leaves_no_process_is_found(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    (found,) = failures(doctor.layer(NOWHERE))
    assert "no push leaves its own process" in found.text


@pytest.mark.parametrize(
    ("backend", "daphne", "complaint"),
    [
        ("channels_redis.core.RedisChannelLayer", "4.2.3", "core layer loses bursts"),
        ("channels_redis.pubsub.RedisPubSubChannelLayer", "4.2.1", "CVE-2026-44545"),
    ],
)
def test_versions_with_known_traps_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, backend: str, daphne: str, complaint: str
) -> None:
    installed = {"daphne": daphne}
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: installed.get(name) or version(name))
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}}
    (found,) = failures(doctor.versions(NOWHERE))
    assert complaint in found.text


def test_the_versions_that_are_installed_have_no_known_trap() -> None:
    assert not failures(doctor.versions(NOWHERE))


def test_daphne_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def find(name: str) -> str:
        if name == "daphne":
            raise importlib.metadata.PackageNotFoundError
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", find)
    (found,) = doctor.versions(NOWHERE)
    assert found.level is Level.OK
    assert "daphne" not in found.text


@pytest.mark.parametrize("write", [str, lambda url: {"address": url, "socket_timeout": 15}])
def test_redis_is_found_as_the_layer_finds_it(settings: Settings, write: Callable[[str], object]) -> None:
    url = f"unix://{paths.redis_socket()}"
    config = {"hosts": [write(url), ("127.0.0.1", 1)]}
    settings.CHANNEL_LAYERS = {"default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": config}}
    findings = doctor.layer(NOWHERE)
    assert next(findings).text.startswith("Redis 1 of 2 (")
    with pytest.raises(exceptions.ConnectionError, match=r"127\.0\.0\.1:1"):
        next(findings)


def test_a_project_says_by_its_own_words_what_is_to_be_done(settings: Settings) -> None:
    (found,) = failures(doctor.beat(NOWHERE))
    assert found.advice == "Run one `celery -A celery_app beat` and a worker."
    del settings.PUSH_DOCTOR_ADVICE
    (found,) = failures(doctor.beat(NOWHERE))
    assert found.advice == "Run one beat of the project's Celery app, and a worker."


def test_a_beat_that_has_stopped_is_found() -> None:
    (never,) = failures(doctor.beat(NOWHERE))
    assert "never at work" in never.text
    note_beat()
    assert not failures(doctor.beat(NOWHERE))
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=10))
    (stopped,) = failures(doctor.beat(NOWHERE))
    assert "last at work 10\xa0minutes ago" in stopped.text


def test_a_clock_that_is_ahead_is_found() -> None:
    Heartbeat.objects.create(name=BEAT, at=timezone.now() + timedelta(minutes=1))
    assert [(found.level, found.text) for found in doctor.beat(NOWHERE)][1:] == [
        (Level.WARNING, "the clock of a worker's machine is 60 s off")
    ]


def test_a_missing_migration_is_found() -> None:
    assert not failures(doctor.database(NOWHERE))
    MigrationRecorder.Migration.objects.filter(app="notifications").latest("pk").delete()
    (found,) = failures(doctor.database(NOWHERE))
    assert found == (Level.FAILURE, "1 migration is missing", "Run `manage.py migrate`.")


def test_a_site_of_nobody_is_examined_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="keep pushes from pages"):
        call_command("push_doctor")
    assert "nobody has an account" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "ws://127.0.0.1:1/"),
        ("localhost", "ws://localhost:1/"),
        ("0.0.0.0", "ws://127.0.0.1:1/"),
        ("::", "ws://[::1]:1/"),
        ("::1", "ws://[::1]:1/"),
    ],
)
def test_the_site_is_looked_for_where_it_listens(
    alice: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str, address: str
) -> None:
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PORT", "1")
    with pytest.raises(CommandError, match="keep pushes from pages"):
        call_command("push_doctor")
    assert f"no socket at {address}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "url", ["chat.example.org", "ftp://x", "http://", "http://[", "http://::1:8000", "http://x:port", "http://x:99999"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="--url is like"):
        call_command("push_doctor", "--url", url)
