"""What a project lacks is said by `manage.py check`, with the line to add."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery, current_app
from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps
from pytest_django.fixtures import Settings

from notifications import checks
from notifications.schedule import SCHEDULE

PUBSUB = '"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"'


def found() -> list[tuple[str, str]]:
    """Return the messages about the service, each with its hint."""
    messages = (each for each in run_checks() if str(each.id).startswith("notifications."))
    return [(each.msg, str(each.hint)) for each in messages]


def without(values: list[str], name: str) -> list[str]:
    """Return the values without the one whose last word this is."""
    assert any(value.endswith(name) for value in values)
    return [value for value in values if not value.endswith(name)]


def test_where_all_is_there_nothing_is_said() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("setting", "change", "says", "line"),
    [
        (
            "ASGI_APPLICATION",
            lambda _: None,
            "ASGI_APPLICATION is not set, so no WebSocket is answered.",
            'ASGI_APPLICATION = "project.asgi.application"',
        ),
        (
            "USE_TZ",
            lambda _: False,
            "Times are kept without their time zone.",
            "USE_TZ = True",
        ),
        (
            "USE_THOUSAND_SEPARATOR",
            lambda _: True,
            "Pages write 1,234 where addresses and scripts need 1234.",
            "USE_THOUSAND_SEPARATOR = False; |intcomma is for what people read",
        ),
        (
            "SESSION_ENGINE",
            lambda _: "django.contrib.sessions.backends.signed_cookies",
            "Sessions are not kept in the database, where sockets look for who is signed in.",
            'SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"',
        ),
        (
            "MIDDLEWARE",
            lambda paths: without(paths, "HtmxMiddleware"),
            "django_htmx.middleware.HtmxMiddleware is not in MIDDLEWARE.",
            'MIDDLEWARE += ["django_htmx.middleware.HtmxMiddleware"]',
        ),
        (
            "TEMPLATES",
            lambda engines: [
                {**engines[0], "OPTIONS": {"context_processors": ["django.contrib.auth.context_processors.auth"]}}
            ],
            "Templates are rendered without django.template.context_processors.request.",
            'TEMPLATES[0]["OPTIONS"]["context_processors"] += ["django.template.context_processors.request"]',
        ),
        (
            "ROOT_URLCONF",
            lambda _: "messaging.urls",
            "The service's addresses are not among those of messaging.urls.",
            'urlpatterns += [path("", include("notifications.urls"))]',
        ),
        ("CHANNEL_LAYERS", lambda _: {}, "There is no channel layer for pushes.", PUBSUB),
        (
            "CHANNEL_LAYERS",
            lambda _: {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
            "The channel layer is in memory, so no push leaves the process that makes it.",
            PUBSUB,
        ),
        (
            "CHANNEL_LAYERS",
            lambda _: {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}},
            "The channel layer is channels_redis.core's, which loses what comes in a burst: it keeps 100 events.",
            PUBSUB,
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Overriding setting")
def test_a_setting_that_is_away_is_named_with_its_line(
    settings: Settings, setting: str, change: Callable[[Any], Any], says: str, line: str
) -> None:
    setattr(settings, setting, change(getattr(settings, setting)))
    ((said, hint),) = found()
    assert said == says
    assert line in hint


def test_htmx_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django_htmx")
    assert found() == [
        ("The app django_htmx, which brings htmx, is not installed.", 'INSTALLED_APPS += ["django_htmx"]')
    ]


def test_sessions_in_cache_and_database_will_do(settings: Settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    assert found() == []


def test_a_project_without_a_celery_app_is_told_how_to_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "current_app", Celery("default", set_as_current=False, fixups=[]))
    ((said, hint),) = found()
    assert said == "Celery has no app with a broker here, so announcements and background tasks wait for ever."
    assert 'CELERY_BROKER_URL = "redis://localhost:6379/1"' in hint
    assert "from project.celery import app as celery_app" in hint


def test_periodic_tasks_that_nobody_hands_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = {name: entry for name, entry in SCHEDULE.items() if "remind" not in name}
    monkeypatch.setattr(current_app.conf, "beat_schedule", schedule)
    ((said, hint),) = found()
    assert said == "Celery's schedule lacks notifications.tasks.remind."
    assert "CELERY_BEAT_SCHEDULE = {**SCHEDULE}" in hint
    assert "from notifications.schedule import SCHEDULE" in hint


@isolate_apps("django.contrib.auth", "django.contrib.contenttypes")
def test_people_may_have_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    class Member(AbstractUser):
        username = None  # type: ignore[assignment]
        email = models.EmailField(unique=True)
        USERNAME_FIELD = "email"
        groups = models.ManyToManyField(Group, related_name="+")  # type: ignore[assignment]

        class Meta:
            app_label = "shop"

    assert said_of(Member, monkeypatch) == []


@isolate_apps("django.contrib.auth", "django.contrib.contenttypes")
def test_what_a_model_of_people_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Visitor(AbstractBaseUser):
        id = models.UUIDField(primary_key=True)
        is_active = models.BooleanField(default=True)
        objects = BaseUserManager()

        class Meta:
            app_label = "shop"

    assert said_of(Visitor, monkeypatch) == [
        (
            "The primary key of the user model is no whole number, as streams are named by.",
            "id = models.BigAutoField(primary_key=True)",
        ),
        ("The user model has no field date_joined.", "date_joined = models.DateTimeField(default=timezone.now)"),
        ("The user model has no field groups.", "Let it be a subclass of PermissionsMixin."),
        ("The user model has no field is_staff.", "is_staff = models.BooleanField(default=False)"),
    ]


def said_of(model: type[models.Model], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what is said of a project whose people are of this model."""
    monkeypatch.setattr(checks, "get_user_model", lambda: model)
    return sorted(found())
