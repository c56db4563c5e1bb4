"""Celery's tasks: beat knows those that nobody else begins, and somebody takes those of every queue."""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User

from celery_app import app
from messaging.exports import files as exports
from messaging.models import Chat
from project import paths

APPS = ("messaging", "notifications")
SCHEDULED = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]


@pytest.fixture(scope="module")
def tasks() -> dict[str, Any]:
    """The tasks that our apps have, by their names, as a worker finds them."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(APPS)}


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names of tasks that code speaks of, other than each task of itself: in whole, or within `tasks.py`."""
    for part in ast.iter_child_nodes(node):
        match part:
            case ast.Constant(str(name)) if re.fullmatch(r"\w+\.tasks\.\w+", name):
                yield name
            case ast.Attribute(ast.Name(task), attr="name"):
                yield task
            case ast.FunctionDef(name=own):
                yield from (name for name in names_in(part) if name.rpartition(".")[2] != own)
            case _:
                yield from names_in(part)


def test_beat_hands_out_tasks_that_there_are_and_none_twice(tasks: dict[str, Any]) -> None:
    assert set(SCHEDULED) <= set(tasks)
    assert len(set(SCHEDULED)) == len(SCHEDULED)


def test_a_task_that_no_code_queues_is_handed_out_by_beat(tasks: dict[str, Any]) -> None:
    files = [path for name in APPS for path in (paths.BASE_DIR / name).rglob("*.py")]
    named = {name for path in files for name in names_in(ast.parse(path.read_text()))}
    assert exports.TASK in named, "it is found where it is"
    assert {name for name in named if "." in name} <= set(tasks)
    assert {name for name in tasks if not named & {name, name.rpartition(".")[2]}} <= set(SCHEDULED)


def test_tasks_that_report_wait_in_the_queue_of_long_ones(tasks: dict[str, Any]) -> None:
    long = {name for name in tasks if app.amqp.router.route({}, name)["queue"].name == "jobs"}
    assert long == {
        name for name, task in tasks.items() if next(iter(inspect.signature(task.run).parameters), "") == "job_pk"
    }
    assert exports.TASK in long


def test_a_worker_that_is_told_nothing_takes_every_queue(tasks: dict[str, Any]) -> None:
    used = {app.amqp.router.route({}, name)["queue"].name for name in tasks}
    assert used == set(app.amqp.queues.consume_from) == {"celery", "jobs"}


@pytest.mark.django_db(transaction=True)
def test_an_export_keeps_no_notification_waiting(alice: User, room: Chat) -> None:
    with redis.Redis.from_url(f"unix://{paths.redis_socket()}?db=1") as broker:
        broker.flushdb()
        exports.start(alice, room)
        assert (broker.llen("jobs"), broker.llen("celery")) == (1, 0)
