"""A person's inbox as a stream, and what an app may add to it."""

from collections.abc import Collection
from typing import Protocol

from django.template.loader import render_to_string

from notifications.models import Inbox, Notification
from notifications.streams import Changes, Stream

REPLAY_LIMIT = 50


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
        own = {pair: {f"user.{pair[0]}"} for pair in pairs if pair[0] == pair[1]}
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
    """Render what changed after `after`, or the list as of `seq` when that is too much, and the bell's count."""
    notifications = Notification.objects.filter(inbox=user_pk)
    changed = list(notifications.filter(seq__gt=after).order_by("seq")[: REPLAY_LIMIT + 1])
    context = {
        "stream": f"user.{user_pk}",
        "seq": after + 1 if seq is None else seq,
        "changed": changed,
        "page": notifications.page() if len(changed) > REPLAY_LIMIT else None,
        "unread": notifications.unread().count(),
    }
    return render_to_string("notifications/push/changes.html", context)
