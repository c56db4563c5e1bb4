"""What pages with many people on them follow."""

from collections.abc import Collection

from notifications.push import streams

ROSTER = "presence.0"
"""The one stream of its kind: whoever comes or goes, for pages that list people.

Everybody is listed for everybody who is signed in, so that all of them may see it.
"""


class PresenceStream(streams.Stream):
    """Only pushes: a page asks again for all that it shows."""

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        return {(user_pk, pk): {ROSTER} for user_pk, pk in pairs if pk == 0}
