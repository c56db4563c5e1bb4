"""What a message looks like: rendered once, and kept for whoever is shown it next.

It is the same HTML for everybody, apart from what its place in a page adds to its first tag (`placed`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from sys import getsizeof
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import dateformat
from django.utils.safestring import mark_safe

from messaging import kept
from messaging.accounts.people import mark_beside
from messaging.chats.models.posting import TOGETHER
from messaging.messages import parts, sender
from messaging.messages.parts import Seen

TEMPLATE = "messaging/messages/_message.html"


class Shown(NamedTuple):
    """All that is shown of a message. It is what its HTML is kept by: what differs in any of it is rendered anew."""

    pk: int
    number: int
    changed_seq: int
    author_id: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    html: str
    parts: str
    username: str
    first_name: str
    is_odd: bool | None
    is_shared: bool | None
    is_bot: bool | None

    @property
    def dom_id(self) -> str:
        """The id of its element, as `notifications.push.dom_id` has it of the message."""
        return f"message-{self.pk}"

    def continues(self, before: "Shown | None") -> bool:
        """Return whether it goes on in one turn with the message before it in the chat."""
        return (
            before is not None
            and before.number == self.number - 1
            and before.author_id == self.author_id
            and self.created_at - before.created_at < TOGETHER
        )

    def context(self, zone: tzinfo, seen: tuple[Seen, ...]) -> dict[str, object]:
        """Return what the template is given: plain values, since looking up attributes is most of what it costs."""
        address = reverse("message", args=[self.pk])
        of_parts = parts.html(self.parts, seen, id=self.dom_id, pk=self.pk, address=address, zone=zone) if seen else {}
        is_marked = bool(self.first_name) if self.is_odd is None else self.is_odd or self.is_shared
        sent_as = sender.sent_as(self.parts)
        return {
            "id": self.dom_id,
            "address": address,
            "number": str(self.number),
            "seq": str(self.changed_seq),
            "author": self.author_id,
            "name": sent_as.get("name") or self.first_name or self.username,
            "emoji": sent_as.get("emoji", ""),
            "is_bot": self.is_bot,
            "is_named": "name" in sent_as,
            "mark": mark_beside(self.username) if is_marked else "",
            "datetime": f"{self.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "time": dateformat.format(self.created_at.astimezone(zone), "j M Y, H:i T"),
            "html": mark_safe(self.html),  # noqa: S308 - made by notifications.prose
            "is_edited": self.edited_at,
            "is_deleted": self.deleted_at,
            **of_parts,
        }


NAMED = 'class="message is-named'
OWN = 8
"""So many of them are columns of the message, as they are."""
FIELDS: tuple[str | Cast, ...] = (*Shown._fields[:OWN], Cast("parts", TextField()))
FIELDS += tuple(f"author__{name}" for name in ("username", "first_name"))
FIELDS += tuple(f"author__called__{name}" for name in ("is_odd", "is_shared", "is_bot"))
"""What a query asks for to make a `Shown`."""


def rendered(messages: Sequence[Shown], zone: tzinfo) -> list[str]:
    """Return the HTML of each message, with its time by this clock."""
    template = kept.template_of(TEMPLATE)
    found = []
    for message, seen in zip(messages, parts.looked_up(message.parts for message in messages), strict=True):
        size = getsizeof(message.html) + getsizeof(message.parts)
        found.append(template.render((zone, message, seen), partial(message.context, zone, seen), size))
    return found


def placed(html: str, *, is_continued: bool = False, attributes: str = "") -> str:
    """Return a message's HTML with what its place adds: that it continues a turn, and attributes of its first tag."""
    # What a program says under a name of its own has that name above it each time.
    if is_continued and not html.startswith(NAMED, html.find("class=")):
        html = html.replace('class="message', 'class="message is-continued', 1)
    return html.replace("<article ", f"<article {attributes} ", 1) if attributes else html
