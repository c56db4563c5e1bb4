"""What a process loads before it says that it is ready: else whoever asks first would wait for it."""

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template import Template
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.urls import reverse
from django.utils.translation import gettext

from messaging.models import Membership
from notifications import queue
from notifications.live import door
from project.sessions import SessionStore

logger = logging.getLogger(__name__)

FIRST = (
    "messaging/chats/home.html",
    "messaging/messages/chat.html",
    "messaging/messages/_message.html",
    "messaging/attachments/_composer.html",
    "messaging/attachments/_files.html",
    # By the tag `pushes`.
    "notifications/_head.html",
    "notifications/_bell.html",
    "notifications/_body.html",
)
"""What people open first; what is in there is loaded, too."""


def load() -> None:
    """Load the views, the templates of the first pages, and connect to Redis and to the queue if they are there."""
    reverse("home")
    gettext("Page")
    compiled: set[str] = set()
    for name in FIRST:
        _compile(name, compiled)
    door.load()
    queue.load()


def rehearse(get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
    """Do on this thread what the first requests do, and take it back: open a chat as a member of it, and post there.

    So the thread is connected to the database, and Django has made its queries. A site with no chat yet, or no database
    at this moment, begins without.
    """
    try:
        with transaction.atomic():
            if member := Membership.objects.filter(user__is_active=True).select_related("chat", "user").last():
                get_response(_request(member.chat.get_absolute_url(), member.user))
                member.chat.post(member.user, "Taken back before anybody hears of it.")
            transaction.set_rollback(True)
    except (DatabaseError, ValidationError, ObjectDoesNotExist) as error:
        logger.info("Started without a rehearsal: %s", error)
    finally:
        connection.close_if_unusable_or_obsolete()


def _request(path: str, user: User) -> ASGIRequest:
    """Return a request of somebody who has signed in, which the open transaction alone knows."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = user.pk, settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    headers = {"host": urlsplit(settings.SITE_URL).netloc or "localhost", "cookie": cookie, "accept-encoding": "gzip"}
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https" if settings.SECURE_SSL_REDIRECT else "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return ASGIRequest(scope, BytesIO())


def _compile(name: str, compiled: set[str]) -> None:
    if name not in compiled:
        compiled.add(name)
        for other in _parts(get_template(name).template):  # type: ignore[attr-defined]  # below the wrapper
            _compile(other, compiled)


def _parts(template: Template) -> Iterator[str]:
    node: Any
    for node in template.nodelist.get_nodes_by_type(ExtendsNode):
        yield from _named(node.parent_name)
    for node in template.nodelist.get_nodes_by_type(IncludeNode):
        yield from _named(node.template)


def _named(expression: object) -> Iterator[str]:
    # Neither what a variable names, which is known only when it is rendered.
    name = getattr(expression, "var", None)
    if isinstance(name, str):
        yield str(name)
