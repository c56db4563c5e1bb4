"""Announcements for programs, by the rules of the page."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Router, Schema, Status

from notifications.announcements.forms import AnnouncementForm
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.sending import send_soon
from notifications.api.authentication import needs
from notifications.api.errors import Problem
from notifications.api.idempotency import IdempotencyKey, once
from notifications.api.schema import STORABLE, Given, Moment, Yes
from notifications.http import SignedInRequest, note_deed
from notifications.limits import windows as limits

router = Router(tags=["Announcements"])


class NewAnnouncement(Given):
    """What staff announce: at once if there is no `at`. `to` is `all`, or like `chat.12` or `group.3`."""

    to: Annotated[str, Field(max_length=100), STORABLE]
    title: Annotated[str, Field(min_length=1, max_length=120), STORABLE]
    text: Annotated[str, Field(max_length=10_000), STORABLE] = ""
    at: Moment | None = None
    every: Literal["", "day", "week", "month"] = ""
    must_acknowledge: Yes = False
    remind_hours: Annotated[int | None, Field(strict=True, ge=1, le=720)] = None


class AnnouncementData(Schema):
    """An announcement. `at` is when it is sent first."""

    id: int
    to: str
    title: str
    text: str
    at: datetime
    every: str
    must_acknowledge: bool


@router.post("/announcements", auth=needs("announce"), response={201: AnnouncementData})
def announce(request: SignedInRequest, announcement: NewAnnouncement, key: IdempotencyKey = None) -> Status[Any]:
    """Announce something to everybody, to a group or to a chat: now, later or again and again."""
    author: Any = request.user
    if not author.is_staff:
        raise Problem(403, "Announcements are made by staff.")
    with once(request, key, announcement.model_dump_json()) as made_id:
        form = AnnouncementForm(author, _as_form(announcement))
        if not form.is_valid():
            raise Problem(422, " ".join(str(error) for errors in form.errors.values() for error in errors))
        limits.take("announcements", author.pk)
        made = Announcement.objects.announce(author, made_id, **form.cleaned_data)
        note_deed(f"announcement {made.pk} made for {made.audience!a} by a program", request)
        send_soon()
    return Status(201, _data(made))


def _as_form(given: NewAnnouncement) -> dict[str, Any]:
    at = given.at and given.at.strftime("%Y-%m-%dT%H:%M:%S%z")
    fields = {"audience": given.to, "title": given.title, "body": given.text, "first_at": at, "every": given.every}
    return fields | {"must_acknowledge": given.must_acknowledge, "remind_hours": given.remind_hours}


def _data(made: Announcement) -> dict[str, Any]:
    fields = {"id": made.pk, "to": made.audience, "title": made.title, "text": made.body, "at": made.first_at}
    return fields | {"every": made.every, "must_acknowledge": made.must_acknowledge}
