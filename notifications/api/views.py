"""Who one is by a token, for programs."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from notifications.api.authentication import needs
from notifications.api.schema import Moment

router = Router(tags=["Token"])


class TokenData(Schema):
    """The token that was sent, and whose it is."""

    id: int
    name: str
    username: str
    user: Annotated[int, Field(description="The id of the person.")]
    scopes: list[str]
    expires_at: Moment | None


@router.get("/token", auth=needs(""), response=TokenData)
def get_token(request: HttpRequest) -> Any:
    """Look at the token itself: whose it is, and what it is good for."""
    token = request.auth  # type: ignore[attr-defined]
    fields = {name: getattr(token, name) for name in ("id", "name", "scopes", "expires_at")}
    return fields | {"user": token.user_id, "username": token.user.get_username()}
