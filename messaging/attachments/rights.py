"""Who may send something large: asked before any of it is read, from the head of the request alone."""

import re
from collections.abc import Iterable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import parse_cookie

from messaging.accounts import second_factor
from messaging.chats.models.chat import Chat
from notifications.push import Scope, Token

ADDRESS = re.compile(r".*/chats/(\d{1,18})/(?:files|messages)/")
OF_PROGRAMS = re.compile(r".*/api/v1/chats/(\d{1,18})/files")


def may_send(path: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a request is of somebody who is signed in and may write in the chat of its address."""
    if found := OF_PROGRAMS.fullmatch(path):
        user = _by_token(headers)
    elif found := ADDRESS.fullmatch(path):
        user = _signed_in(headers)
    else:
        return False
    return bool(user and Chat.objects.visible_to(user).filter(pk=int(found[1])).exists())


def _by_token(headers: Iterable[tuple[bytes, bytes]]) -> User | None:
    said = next((value.decode("latin-1") for name, value in headers if name.lower() == b"authorization"), "")
    kind, _, secret = said.partition(" ")
    token = Token.objects.find(secret) if kind.lower() == "bearer" else None
    return token.user if token and token.has(Scope.WRITE) else None


def _signed_in(headers: Iterable[tuple[bytes, bytes]]) -> User | None:
    cookies = parse_cookie("; ".join(value.decode("latin-1") for name, value in headers if name.lower() == b"cookie"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request: Any = SimpleNamespace(session=session)
    user = get_user(request)
    # What the middleware asks of people before it shows them a page is asked here, too.
    held_back = User.objects.filter(second_factor.lacking())
    return User.objects.filter(pk=user.pk or 0, is_active=True).exclude(pk__in=held_back.values("pk")).first()
