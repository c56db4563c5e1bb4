"""The lists of the notification centre: which rows each shows, on a page as it comes and of what is pushed to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from notifications.inbox import kinds
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import EPOCH, Notification, NotificationQuerySet

PLACE = re.compile(r"([0-9]{1,11})([0-9]{6})-([0-9]{1,18})")


class Tab(NamedTuple):
    """A tab of the page: the rows in it, and the CSS selector that finds them among those that are pushed."""

    label: str
    rows: Callable[[NotificationQuerySet], NotificationQuerySet]
    selector: str
    empty: str


TABS = {
    "inbox": Tab(
        "Inbox",
        lambda rows: rows.listed(),
        '[data-shelf="inbox"]',
        "Nothing here. You hear of mentions and direct messages here, and of all that is for you.",
    ),
    "unread": Tab(
        "Unread",
        lambda rows: rows.listed().unread(),
        '.is-unread[data-shelf="inbox"]',
        "Nothing unread.",
    ),
    "snoozed": Tab(
        "Snoozed",
        lambda rows: rows.snoozed(),
        '[data-shelf="snoozed"]',
        "Nothing snoozed. What you snooze waits here until its time, and then comes back to the inbox.",
    ),
    "archived": Tab(
        "Archived",
        lambda rows: rows.archived(),
        '[data-shelf="archived"]',
        "Nothing archived. What you archive is kept here.",
    ),
}


class Page(NamedTuple):
    """Some of a listing's rows, and whether there are older ones."""

    rows: list[Notification]
    has_older: bool


@dataclass(frozen=True)
class Listing:
    """One list: a tab, perhaps of one kind only, from the newest on or from before a place in it."""

    tab: str = "inbox"
    kind: str = ""
    before: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> Self:
        """Read a listing from an address; ValueError if there is none like that."""
        listing = cls(query.get("tab", "inbox"), query.get("kind", ""), query.get("before", ""))
        is_place = not listing.before or PLACE.fullmatch(listing.before)
        if listing.tab not in TABS or listing.kind not in {"", *kinds.names()} or not is_place:
            raise ValueError("There is no such list.")
        return listing

    @property
    def url(self) -> str:
        chosen = {"tab": self.tab if self.tab != "inbox" else "", "kind": self.kind, "before": self.before}
        query = urlencode({name: value for name, value in chosen.items() if value})
        return reverse("notifications:inbox") + (f"?{query}" if query else "")

    @property
    def selector(self) -> str:
        """The CSS selector of the rows that belong here."""
        return TABS[self.tab].selector + (f'[data-kind="{self.kind}"]' if self.kind else "")

    @property
    def empty(self) -> str:
        """What it says when nothing is in it."""
        return "Nothing of this kind." if self.kind else TABS[self.tab].empty

    @property
    def shows_all_new(self) -> bool:
        """Whether everything that the bell counts is in it, on top."""
        return self.tab in {"inbox", "unread"} and not self.kind and not self.before

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """Label and address of each tab, and whether it is this one."""
        return [(tab.label, replace(self, tab=name, before="").url, name == self.tab) for name, tab in TABS.items()]

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """Label and address of the list of each kind, and whether it is this one."""
        choices = [("", "All"), *((kind.name, kind.plural) for kind in kinds.everything())]
        return [(label, replace(self, kind=kind, before="").url, kind == self.kind) for kind, label in choices]

    def page(self, inbox: Inbox, size: int = 50) -> Page:
        """Return the newest `size` rows of it in somebody's inbox."""
        rows = TABS[self.tab].rows(inbox.notifications.all())
        if self.kind:
            rows = rows.filter(kind=self.kind)
        found = list(rows.page(size + 1, _place(self.before)))
        return Page(found[:size], len(found) > size)

    def older(self, page: Page) -> "Listing":
        """Return the same list from after a page of it on."""
        return replace(self, before=page.rows[-1].place)


def _place(before: str) -> tuple[datetime, int] | None:
    if not before:
        return None
    seconds, micros, pk = map(int, PLACE.fullmatch(before).groups())  # type: ignore[union-attr]  # parse() has looked
    return EPOCH + timedelta(seconds=seconds, microseconds=micros), pk
