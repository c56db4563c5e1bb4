"""Notifications for programs: tell people something."""

from typing import Annotated, Any

from django.contrib.auth import get_user_model
from ninja import Field, Router, Status

from notifications.api.authentication import needs
from notifications.api.errors import Problem
from notifications.api.idempotency import IdempotencyKey, once
from notifications.api.schema import STORABLE, Given, Number
from notifications.http import SignedInRequest
from notifications.inbox import kinds
from notifications.inbox.notify import notify_many
from notifications.limits import windows as limits

router = Router(tags=["Notifications"])
PERMISSION = "notifications.add_notification"
MOST = 100
OTHERS = "Others are notified by staff, and by those who have the right to add notifications."


class NewNotification(Given):
    """A line for people's inboxes. `to` has their user names; it is oneself if that is left out."""

    text: Annotated[str, Field(min_length=1, max_length=10_000), STORABLE]
    to: Annotated[
        list[Annotated[str, Field(max_length=150), STORABLE]] | None, Field(min_length=1, max_length=MOST)
    ] = None
    url: Annotated[
        str, Field(max_length=500, description="The page that it leads to: /… or http(s)://…."), STORABLE
    ] = ""
    subject: Annotated[
        str, Field(max_length=50, description="What is told about the same before it was read, is one line."), STORABLE
    ] = ""


class Told(Given):
    """How many people it is new to."""

    told: Number


@router.post("/notifications", auth=needs("notify"), response={201: Told})
def notify(request: SignedInRequest, notification: NewNotification, key: IdempotencyKey = None) -> Status[Any]:
    """Put a line into people's inboxes, and show it on whatever page they have open."""
    pks = [user.pk for user in recipients(request, notification.to)]
    if not notification.text.strip():
        raise Problem(422, "The text is empty.")
    with once(request, key, notification.model_dump_json()) as made_id:
        limits.take("notifications", request.user.pk, times=len(pks))
        subject = f"api.{notification.subject}" if notification.subject else ""
        try:
            told = notify_many(
                pks, notification.text, notification.url, kind=kinds.NOTE, subject=subject, key=f"api.{made_id}"
            )
        except ValueError as error:
            raise Problem(422, str(error)) from None
    return Status(201, {"told": told})


def recipients(request: SignedInRequest, usernames: list[str] | None) -> list[Any]:
    """Return the people of these names, oneself for none; Problem for one that there is not, or may not be told."""
    if usernames is None or set(usernames) == {request.user.get_username()}:
        return [request.user]
    if not (request.user.is_staff or request.user.has_perm(PERMISSION)):
        raise Problem(403, OTHERS)
    people = get_user_model()
    found = {
        user.get_username(): user
        for user in people.objects.filter(**{f"{people.USERNAME_FIELD}__in": usernames}, is_active=True)
    }
    if unknown := sorted(set(usernames) - set(found)):
        raise Problem(422, f"There is no active person called {', '.join(unknown[:10])}.")
    return list(found.values())
