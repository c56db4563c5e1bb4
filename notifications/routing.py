"""WebSocket addresses: this app's, and those of every installed app with a `routing` module."""

import re
from collections.abc import Coroutine
from importlib import import_module
from typing import Any

from asgiref.sync import markcoroutinefunction
from channels.routing import URLRouter
from django.apps import apps
from django.urls import path, re_path
from django.utils.module_loading import module_has_submodule

from notifications.relay.consumers import follow_streams, unknown_address
from notifications.relay.events import follow_events, no_such_events

stream: Any = follow_streams
events: Any = follow_events
unknown: Any = unknown_address
no_events: Any = no_such_events
websocket_urlpatterns = [
    path("ws/live/", stream),
    path("ws/live/<slug:kind>/<int:pk>/", stream),
]
EVENTS = "sse/"
"""Where the addresses of the same streams begin for those who cannot have a WebSocket."""
events_urlpatterns: list[Any] = [
    path("sse/live/", events),
    path("sse/live/<slug:kind>/<int:pk>/", events),
]


class EventsBeside:
    """Answers below `sse/`, behind the site's prefix, with events, and has the project's handler answer the rest."""

    def __init__(self, handler: Any, prefix: str = "/") -> None:
        self.handler = handler
        self.beginning = f"{prefix}{EVENTS}"
        below: Any = URLRouter([*events_urlpatterns, re_path(r"", no_events)])
        routes: list[Any] = [re_path(f"^{re.escape(prefix[1:])}", below)]
        self.events: Any = URLRouter(routes)
        markcoroutinefunction(self)  # Or other servers would take it for an application of ASGI 2.

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        is_events = scope["path"].startswith(self.beginning)
        answer: Coroutine[Any, Any, None] = (self.events if is_events else self.handler)(scope, receive, send)
        return answer


def discovered_urlpatterns() -> list[Any]:
    """Return the `websocket_urlpatterns` of all installed apps, and a last one for addresses that nobody has."""
    found: list[Any] = []
    for app in apps.get_app_configs():
        if app.module and module_has_submodule(app.module, "routing"):
            module = import_module(f"{app.name}.routing")
            found += getattr(module, "websocket_urlpatterns", [])
    return [*found, re_path(r"", unknown)]
