"""The ASGI application: HTTP to Django, WebSockets to the consumers of every app that has a `routing` module.

No middleware asks who a socket's person is: the relay judges all sockets that wait, together.
"""

import os
import re
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django

django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from notifications.relay.origins import SameOriginOnly
from notifications.routing import EventsBeside, discovered_urlpatterns
from project import ready
from project.serve.bodies import BoundedBodies
from project.serve.clients import ClientsBehindProxy
from project.serve.prefix import BelowPrefix
from project.threads import SynchronousHandler

handler = SynchronousHandler()
sockets: Any = URLRouter(discovered_urlpatterns())
router = ProtocolTypeRouter(
    {
        "http": EventsBeside(handler, f"{settings.PATH_PREFIX}/"),
        "websocket": SameOriginOnly(URLRouter([re_path(f"^{re.escape(settings.PATH_PREFIX[1:])}", sockets)])),
    }
)
application = BelowPrefix(ClientsBehindProxy(BoundedBodies(router)), settings.PATH_PREFIX)
ready.load()
