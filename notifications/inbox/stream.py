"""A person's inbox as a stream, and what an app may add to it."""

from collections.abc import Collection
from typing import Protocol

from django.template.loader import render_to_string

from notifications.live.door import EVERYBODY, look, push_html
from notifications.live.streams import Changes, Stream
from notifications.models import Inbox

REPLAY_LIMIT = 50
"""How many changed rows a page is sent one by one; past that it fetches its list."""
PUSH_LIMIT = 20
"""To how many people one change is rendered and pushed; past that the relays fetch it for those who are there."""


class Follower(Protocol):
    """What an app sends to people on whatever page they have open, beside their notifications."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Return the groups that each person's own socket also follows."""

    def snapshot(self, user_pk: int) -> str:
        """Render the fragments that bring a page of this person's up to date."""


followers: list[Follower] = []


class InboxStream(Stream):
    """`user.<pk>`: what reaches one person on every page."""

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """Give everyone their own inbox and nobody else's."""
        own = {pair: {f"user.{pair[0]}", EVERYBODY} for pair in pairs if pair[0] == pair[1]}
        for follower in followers:
            for user_pk, groups in follower.groups([user_pk for user_pk, _ in own]).items():
                own[user_pk, user_pk] |= groups
        return own

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return the `seq` of these inboxes; one that does not exist yet is at 0."""
        return dict.fromkeys(pks, 0) | dict(Inbox.objects.filter(pk__in=pks).values_list("pk", "seq"))

    def changes(self, pk: int, after: int) -> Changes:
        """Render the notifications that came or were read since, the count, and what the followers show."""
        # seq first: what commits between the two reads is sent again later, and never left out.
        seq = self.tops([pk])[pk]
        html = fragments(pk, after if after <= seq else 0, seq)
        return Changes(seq, html + "".join(follower.snapshot(pk) for follower in followers))


def fragments(user_pk: int, after: int, seq: int | None = None) -> str:
    """Render what changed after `after`, or that the lists are to be drawn afresh as of `seq`, and the bell's count."""
    own = Inbox(user_id=user_pk)
    changed = list(own.notifications.filter(seq__gt=after).order_by("seq")[: REPLAY_LIMIT + 1])
    context = {
        "stream": own.stream,
        "seq": after + 1 if seq is None else seq,
        "changed": changed,
        "is_too_much": len(changed) > REPLAY_LIMIT,
        "waiting": own.waiting,
    }
    return render_to_string("notifications/push/changes.html", context)


def push_changes(own: Inbox, event: str) -> None:
    """Push the inbox's last change to all pages of its owner; `event` names what has happened."""
    push_html(own.stream, event, fragments(own.pk, own.seq - 1), own.seq)


def push_to_all(user_pks: Collection[int], event: str) -> None:
    """Push the last change of each of these inboxes, or have their pages fetch it when they are many."""
    if len(user_pks) > PUSH_LIMIT:
        look()
    else:
        for own in Inbox.objects.filter(pk__in=user_pks):
            push_changes(own, event)
