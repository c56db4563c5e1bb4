"""WebSocket addresses: this app's, and those of every installed app with a `routing` module."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.urls import path, re_path
from django.utils.module_loading import module_has_submodule

from notifications.relay.consumers import StreamConsumer, UnknownAddressConsumer

stream: Any = StreamConsumer.as_asgi()
websocket_urlpatterns = [
    path("ws/live/<slug:kind>/<int:pk>/", stream),
]


def discovered_urlpatterns() -> list[Any]:
    """Return the `websocket_urlpatterns` of all installed apps, and a last one for addresses that nobody has."""
    found: list[Any] = []
    for app in apps.get_app_configs():
        if app.module and module_has_submodule(app.module, "routing"):
            module = import_module(f"{app.name}.routing")
            found += getattr(module, "websocket_urlpatterns", [])
    unknown: Any = UnknownAddressConsumer.as_asgi()
    return [*found, re_path(r"", unknown)]
