"""The ASGI application: HTTP to Django, WebSockets to the consumers of every app that has a `routing` module.

No middleware asks who a socket's person is: the relay judges all sockets that wait, together.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django

django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter

from notifications.relay.origins import SameOriginOnly
from notifications.routing import discovered_urlpatterns
from project.serve.bodies import BoundedBodies
from project.serve.clients import ClientsBehindProxy
from project.threads import SynchronousHandler

router = ProtocolTypeRouter(
    {
        "http": SynchronousHandler(),
        "websocket": SameOriginOnly(URLRouter(discovered_urlpatterns())),
    }
)
application = ClientsBehindProxy(BoundedBodies(router))
