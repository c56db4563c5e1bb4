"""What only the inside of a web server's process can tell, shown with its other counters at `/metrics`."""

import asyncio
import os
import threading
from collections.abc import Callable, Sized
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from prometheus_client import Counter, Gauge

queries = Counter("faults_queries", "Database queries made for sockets.")


def count_query(execute: Any, *args: Any) -> Any:
    """Run a query, and count it if it is one of the relay's: those of forms are made on other threads."""
    if threading.current_thread().name.startswith("relay"):
        queries.inc()
    return execute(*args)


def watch(connection: Any, **_: Any) -> None:
    """Count what a connection does; the same object connects again and again."""
    if count_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_query)


def of_relay(part: Callable[[asyncio.AbstractEventLoop, Any], Sized]) -> Callable[[], float]:
    """Return a function that says how much of something there is in the relay, or around it in its event loop."""
    from notifications.relay.process import _processes

    return lambda: sum(len(part(loop, process.relay)) for loop, process in list(_processes.items()))


class Gauges(AppConfig):
    """Adds the gauges when Django is ready."""

    name = "tests.faults.gauges"

    def ready(self) -> None:
        """Begin to count."""
        connection_created.connect(watch)
        Gauge("faults_pid", "This process.").set(os.getpid())
        parts: dict[str, Callable[[asyncio.AbstractEventLoop, Any], Sized]] = {
            "tasks": lambda loop, relay: asyncio.all_tasks(loop),
            "groups": lambda loop, relay: relay.groups,
            "users": lambda loop, relay: relay.users,
            "subscriptions": lambda loop, relay: relay.subscriptions.taken,
        }
        for name, part in parts.items():
            Gauge(f"faults_{name}", f"The relay's {name}.").set_function(of_relay(part))
