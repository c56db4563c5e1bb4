"""Who somebody is, by name and password; guessing is counted before anything is hashed."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest

from messaging.accounts.people import account_name, is_bot
from notifications.push import limits, note_deed

KNOWN_FOR = 30 * 24 * 3600
"""Seconds for which an address is known as one that somebody signs in from."""


class CountingBackend(ModelBackend):
    """Django's own, which raises limits.Limited for too many wrong passwords: of a name, of an address, of both.

    Who guesses from many addresses at a name locks it for all addresses but those from which its owner has signed in
    lately; and for nobody longer than the window of the limit.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> User | None:
        if request is None or username is None:
            return super().authenticate(request, username, password, **more)
        username = account_name(username)
        address, name = limits.network(request.META.get("REMOTE_ADDR", "")), username.casefold()
        known = _known_key(name, address)
        counted = [("sign_in", name, address), ("sign_in_address", address)]
        if not cache.get(known):
            counted.append(("sign_in_name", name))
        try:
            for limit in counted:
                limits.take(*limit)
        except limits.Limited:
            note_deed(f"tried too often to sign in as {name!a}", request)
            raise
        user = super().authenticate(request, username, password, **more)
        request.has_failed_to_sign_in = user is None  # type: ignore[attr-defined]
        if user:
            for limit in counted:
                limits.give_back(*limit)
            cache.set(known, True, KNOWN_FOR)
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether the account may be signed in to: no bot's ever is, whoever has given it a password."""
        return super().user_can_authenticate(user) and not is_bot(user)

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, with what every page shows of them read at once."""
        user = User.objects.select_related("called", "time_zone").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def _known_key(name: str, address: str) -> str:
    return f"signs-in:{limits.digest(name, address)}"
