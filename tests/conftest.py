"""The people of every test: alice and bob are members, carol is an outsider."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connection, connections
from django.test import Client
from hypothesis import settings as examples

from messaging.models import Chat
from notifications import queue
from notifications.limits import cache as shared
from notifications.limits import windows
from notifications.live import door
from notifications.relay import database
from notifications.testing import Event, captured_pushes
from project import hashing, paths
from tests.docs import example
from tests.live.stack import UNLIMITED, Stack, common, copy_code, made_once

# The same examples each time, however long one takes on a busy machine.
examples.register_profile("bellwire", derandomize=True, deadline=None, database=None)
examples.load_profile("bellwire")


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> None:
    """Have no `Client` begin with a list of all static files, which takes longer than most pages."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def passwords_one_after_the_other() -> None:
    """Hash passwords by the site's own hasher, but with little work and without a pause from one to the next."""
    hashing.REST = 0
    hashing.Argon2Hasher.memory_cost = 64


@pytest.fixture(scope="session", autouse=True)
def windows_do_not_end() -> Iterator[None]:
    """Stop the clock of limits: a window that ends halfway through a test would let more through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "time", lambda: 0.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def kinds_and_permissions_stay(django_db_setup: None) -> Iterator[None]:
    """Empty no table after a transactional test that Django itself would fill again: they are the same each time.

    Row by row: to truncate them all takes PostgreSQL half a second, and few have more than ten rows.
    """
    kept = {model._meta.db_table for model in (ContentType, Permission)}

    def others(style: Any, connection: Any, **options: Any) -> list[str]:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        return [f"DELETE FROM {connection.ops.quote_name(name)}" for name in tables if name not in kept]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", others)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **options: None)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database: on a second kind of database, the rest need not run again."""
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep SQLite's test database in a file: one in memory cannot be shared by threads as a real one is."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(paths.state_dir() / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def relay_threads(django_db_setup: None) -> Iterator[None]:
    """Have the relay's and asgiref's threads give their connections back: a database in use cannot be removed."""
    yield
    workers = database.readers._max_workers
    everybody = threading.Barrier(workers)

    def close() -> None:
        everybody.wait(timeout=10)
        connections.close_all()

    for done in [database.readers.submit(close) for _ in range(workers)]:
        done.result()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
    _end_other_sessions()


def _end_other_sessions() -> None:
    # Of threads that have ended, but whose connection the collector of garbage has not come to yet.
    settings = connection.settings_dict
    if connection.vendor == "postgresql":
        with psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"] or None,
            user=settings["USER"],
            password=settings["PASSWORD"] or None,
            dbname="postgres",
            autocommit=True,
        ) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [settings["NAME"]]
            )


@pytest.fixture(autouse=True)
def closed_breaker() -> None:
    """Begin each test with a Redis that counts as well, and in which nothing is counted yet."""
    door._breaker.failures = queue._breaker.failures = shared._breaker.failures = 0
    door._missing.clear()
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    """A member, and the owner of the rooms."""
    return User.objects.create_user("alice", first_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    """A member."""
    return User.objects.create_user("bob", first_name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    """An outsider: signed in, and a member of nothing."""
    return User.objects.create_user("carol", first_name="Carol")


@pytest.fixture
def private(alice: User, bob: User, carol: User) -> Chat:
    """A private room of alice and bob."""
    chat = Chat.objects.start(alice, "Launch", Chat.Kind.PRIVATE)
    chat.admit(bob)
    return chat


@pytest.fixture
def room(alice: User, bob: User, carol: User) -> Chat:
    """An open room that alice and bob have joined."""
    chat = Chat.objects.start(alice, "General", Chat.Kind.OPEN)
    chat.admit(bob)
    return chat


@pytest.fixture
def pushes(django_capture_on_commit_callbacks: object) -> Iterator[list[Event]]:
    """What leaves for the channel layer."""
    with captured_pushes() as events:
        yield events


@pytest.fixture
def templates(tmp_path: Path, settings: Any) -> Path:
    """A directory for templates of the test's own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    return tmp_path


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code that no `.env` steers, with the developers' worked example beside it."""
    return made_once(common(tmp_path_factory) / "bellwire", lambda path: example.install(copy_code(path)))


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def stack(request: pytest.FixtureRequest, code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Bellwire with its demo people and the developers' worked example, which all live tests share."""
    settings = {"SERVER": request.param, "LIMITS": UNLIMITED, **example.ENVIRONMENT}
    with Stack(code, tmp_path_factory.mktemp("state") / request.param, **settings) as running:
        yield running


def signed_in(user: User) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client
