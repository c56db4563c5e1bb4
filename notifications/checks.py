"""System checks: what a project lacks for pushes to reach its pages, each with the line to add."""

from collections.abc import Iterator
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import db
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import models
from django.template.engine import Engine
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from notifications.live.people import session_store
from notifications.schedule import SCHEDULE

MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
)
CONTEXT_PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
)
FIELDS = {
    "is_active": "is_active = models.BooleanField(default=True)",
    "is_staff": "is_staff = models.BooleanField(default=False)",
    "date_joined": "date_joined = models.DateTimeField(default=timezone.now)",
    "groups": "Let it be a subclass of PermissionsMixin.",
}
"""What is asked of people by queries, and how a model comes by it."""
LAYER = (
    'CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",'
    ' "CONFIG": {"hosts": ["redis://localhost:6379"]}}}'
)


def check(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return what the project lacks, for `manage.py check` and all that runs it first."""
    found = (_settings(), _middleware(), _context_processors(), _channel_layer(), _people(), _addresses(), _celery())
    return [message for messages in found for message in messages]


def _settings() -> Iterator[CheckMessage]:
    if not apps.is_installed("django_htmx"):
        yield Error(
            "The app django_htmx, which brings htmx, is not installed.",
            hint='INSTALLED_APPS += ["django_htmx"]',
            id="notifications.E001",
        )
    if not getattr(settings, "ASGI_APPLICATION", None):
        yield Error(
            "ASGI_APPLICATION is not set, so no WebSocket is answered.",
            hint=f'ASGI_APPLICATION = "{_project()}.asgi.application"',
            id="notifications.E002",
        )
    if not issubclass(session_store(), db.SessionStore):
        yield Error(
            "Sessions are not kept in the database, where sockets look for who is signed in.",
            hint='SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"',
            id="notifications.E003",
        )
    if not settings.USE_TZ:
        yield Error("Times are kept without their time zone.", hint="USE_TZ = True", id="notifications.E004")
    if settings.USE_THOUSAND_SEPARATOR:
        yield Error(
            "Pages write 1,234 where addresses and scripts need 1234.",
            hint="USE_THOUSAND_SEPARATOR = False; |intcomma is for what people read",
            id="notifications.E011",
        )


def _middleware() -> Iterator[CheckMessage]:
    used = [import_string(path) for path in settings.MIDDLEWARE]
    for path in MIDDLEWARE:
        wanted = import_string(path)
        if not any(isinstance(each, type) and issubclass(each, wanted) for each in used):
            yield Error(f"{path} is not in MIDDLEWARE.", hint=f'MIDDLEWARE += ["{path}"]', id="notifications.E005")


def _context_processors() -> Iterator[CheckMessage]:
    for path in CONTEXT_PROCESSORS:
        if path not in Engine.get_default().context_processors:
            yield Error(
                f"Templates are rendered without {path}.",
                hint=f'TEMPLATES[0]["OPTIONS"]["context_processors"] += ["{path}"]',
                id="notifications.E006",
            )


def _channel_layer() -> Iterator[CheckMessage]:
    layer: dict[str, Any] = getattr(settings, "CHANNEL_LAYERS", {}).get("default", {})
    backend = layer.get("BACKEND", "")
    if not backend:
        yield Error("There is no channel layer for pushes.", hint=LAYER, id="notifications.E007")
    elif backend.endswith("InMemoryChannelLayer"):
        yield checks.Warning(
            "The channel layer is in memory, so no push leaves the process that makes it.",
            hint=LAYER,
            id="notifications.W001",
        )
    elif backend.endswith("core.RedisChannelLayer"):
        yield checks.Warning(
            "The channel layer is channels_redis.core's, which loses what comes in a burst: it keeps 100 events.",
            hint=LAYER,
            id="notifications.W002",
        )


def _people() -> Iterator[CheckMessage]:
    person = get_user_model()
    key = getattr(person._meta.pk, "target_field", person._meta.pk)
    if not isinstance(key, models.IntegerField):
        yield Error(
            "The primary key of the user model is no whole number, as streams are named by.",
            hint="id = models.BigAutoField(primary_key=True)",
            obj=person,
            id="notifications.E008",
        )
    for name in FIELDS.keys() - {field.name for field in person._meta.get_fields()}:
        yield Error(f"The user model has no field {name}.", hint=FIELDS[name], obj=person, id="notifications.E009")


def _addresses() -> Iterator[CheckMessage]:
    try:
        reverse("notifications:inbox")
    except NoReverseMatch:
        yield Error(
            f"The service's addresses are not among those of {settings.ROOT_URLCONF}.",
            hint='urlpatterns += [path("", include("notifications.urls"))]',
            id="notifications.E010",
        )


def _celery() -> Iterator[CheckMessage]:
    conf: Any = current_app.conf
    if not conf.broker_url:
        yield checks.Warning(
            "Celery has no app with a broker here, so announcements and background tasks wait for ever.",
            hint=f'CELERY_BROKER_URL = "redis://localhost:6379/1" in the settings, and in {_project()}/__init__.py'
            f" from {_project()}.celery import app as celery_app",
            id="notifications.W003",
        )
    elif missing := _tasks(SCHEDULE) - _tasks(conf.beat_schedule):
        yield checks.Warning(
            f"Celery's schedule lacks {', '.join(sorted(missing))}.",
            hint="CELERY_BEAT_SCHEDULE = {**SCHEDULE}, after from notifications.schedule import SCHEDULE."
            ' Where beat has its schedule from elsewhere, SILENCED_SYSTEM_CHECKS = ["notifications.W004"]',
            id="notifications.W004",
        )


def _tasks(schedule: dict[str, dict[str, Any]]) -> set[str]:
    return {entry["task"] for entry in schedule.values()}


def _project() -> str:
    return str(settings.ROOT_URLCONF).partition(".")[0]
