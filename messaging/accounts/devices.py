"""Where somebody is signed in: noted as they go, shown to them, ended by them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from notifications.push import SeeOther, SignedInRequest, limits

NOTED_FOR = 60
"""Seconds for which a device has been seen just now: noting it costs some queries."""
MOST_DEVICES = 50
"""At so many places one may be signed in: each is looked at whenever one signs in."""
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


class SeenDevices:
    """Notes once a minute when and from where each session was used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Note it where there is a page: what there is not, is answered without a question to the database."""
        # PostgreSQL stores no NUL.
        request.META["HTTP_USER_AGENT"] = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")
        key = request.user.is_authenticated and request.session.session_key
        if key and cache.add(f"seen:{limits.digest(key)}", True, NOTED_FOR):
            with suppress(IntegrityError):  # The person is being deleted.
                UserSession.objects.create_from_request(request)


@require_safe
def devices(request: SignedInRequest) -> HttpResponse:
    """Show where one is signed in, the device that was used last first."""
    sessions = sorted(UserSession.objects.purge_and_list(request.user), key=lambda session: -session.pk)
    sessions.sort(key=lambda session: session.last_seen_at, reverse=True)
    named = [(session, name_of(session.user_agent)) for session in sessions]
    return render(request, "messaging/accounts/devices.html", {"devices": named})


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign one device out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    end_sessions(request, [session])
    messages.info(request, "That device is signed out.")
    return SeeOther("devices")


@require_POST
@reauthentication_required(app="messaging")
def end_others(request: SignedInRequest) -> HttpResponse:
    """Sign all others out."""
    end_other_sessions(request, request.user)
    messages.info(request, "All other devices are signed out.")
    return SeeOther("devices")


def end_oldest(user: User, request: HttpRequest, **kwargs: Any) -> None:
    """Sign out what was not used for longest, when somebody signs in at too many places."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    for session in others.order_by("-last_seen_at", "-pk")[MOST_DEVICES - 1 :]:
        session.end()


def name_of(user_agent: str) -> str:
    """Return in words what a browser says of itself."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "A browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
