"""A person's inbox as a stream, and what an app may add to it."""

from collections.abc import Collection
from typing import Protocol

from notifications.inbox import data
from notifications.inbox.models.inbox import Inbox
from notifications.live.door import EVERYBODY
from notifications.live.streams import Changes, Data, Stream, of_person


class Follower(Protocol):
    """What an app sends to people on whatever page they have open, beside their notifications."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Return the groups that each person's own socket also follows."""

    def snapshot(self, user_pk: int) -> str:
        """Render the fragments that bring a page of this person's up to date."""


_followers: list[Follower] = []


def add_follower(follower: Follower) -> None:
    """Have what an app shows on every page follow the people's own sockets."""
    _followers.append(follower)


class InboxStream(Stream):
    """`user.<pk>`: what reaches one person on every page."""

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """Give everyone their own inbox and nobody else's."""
        own = {pair: {of_person(pair[0]), EVERYBODY} for pair in pairs if pair[0] == pair[1]}
        for follower in _followers:
            for user_pk, groups in follower.groups([user_pk for user_pk, _ in own]).items():
                own[user_pk, user_pk] |= groups
        return own

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return the `seq` of these inboxes; one that does not exist yet is at 0."""
        return dict.fromkeys(pks, 0) | dict(Inbox.objects.filter(pk__in=pks).values_list("pk", "seq"))

    def changes(self, pk: int, after: int) -> Changes:
        """Render the notifications that came or were read since, the count, and what the followers show."""
        # seq first: what commits between the two reads is sent again later, and never left out.
        own = Inbox(user_id=pk, seq=self.tops([pk])[pk])
        html = own.fragments(after if after <= own.seq else 0)
        return Changes(own.seq, html + "".join(follower.snapshot(pk) for follower in _followers))

    def data(self, pk: int, after: int) -> Data:
        """Return the notifications that came or changed since."""
        seq = self.tops([pk])[pk]
        return data.changed(pk, after, seq) if after < seq else Data(seq, [])
