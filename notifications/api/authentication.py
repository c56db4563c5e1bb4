"""Who a program is: the person of the token that it sends. Cookies are not looked at, so no page can borrow them."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from notifications.api.errors import Problem
from notifications.api.models import Token
from notifications.limits import windows as limits

UNKNOWN = "This token is not known here (any more): it may be mistyped, revoked or expired."


class BearerToken(HttpBearer):
    """Lets in whoever sends a token that is good for `scope`; for none in particular, if that is empty."""

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """Return the token, whose person is the request's from here on; Problem if it is none or not good for that."""
        found = Token.objects.find(token)
        if found is None:
            raise Problem(401, UNKNOWN, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        limits.take("api", found.user_id)
        if self.scope and not found.has(self.scope):
            challenge = f'Bearer error="insufficient_scope", scope="{self.scope}"'
            detail = f"This token is not good for that: it needs the scope {self.scope}."
            raise Problem(403, detail, {"WWW-Authenticate": challenge})
        request.user = found.user
        return found


def needs(scope: str) -> Any:
    """Return what an operation's `auth` is if its token has to be good for this."""
    return BearerToken(scope)
