"""The ASGI application: HTTP to Django, WebSockets to the consumers of every app that has a `routing` module."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from notifications.origins import SameOriginOnly
from notifications.routing import discovered_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SameOriginOnly(AuthMiddlewareStack(URLRouter(discovered_urlpatterns()))),
    }
)
