"""What the lists of chats follow, on whatever page."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from messaging.chats import naming, sidebar
from messaging.chats.models.chat import Chat, members_stream
from messaging.chats.models.membership import Membership
from notifications.push import streams


class MembersStream(streams.Stream):
    """`members.<pk>`: what was said in a chat names whom, for its members' lists; its `seq` is the newest number."""

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        return dict(Chat.objects.filter(pk__in=pks).values_list("pk", "last_number"))

    def changes(self, pk: int, after: int) -> streams.Changes:
        """Say the newest number, by the cursor, and which of the messages that were missed name somebody."""
        top = self.tops([pk]).get(pk, after)
        missed = naming.since(pk, after)
        return streams.Changes(top, naming.news(pk, missed) if missed else "")


class Sidebar:
    """What people see of their chats on whatever page they have open."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Let everyone's own socket follow the activity in their chats, and in the threads of what they may read."""
        groups: dict[int, set[str]] = {}
        in_parent = Membership.objects.filter(chat=OuterRef("chat__parent"), user=OuterRef("user"))
        is_seen = Q(chat__parent=None) | Q(chat__parent__kind=Chat.Kind.OPEN) | Exists(in_parent)
        followed = Membership.objects.filter(is_seen, user__in=user_pks)
        for user_pk, chat_pk in followed.values_list("user_id", "chat_id"):
            groups.setdefault(user_pk, set()).add(members_stream(chat_pk))
        return groups

    def snapshot(self, user_pk: int) -> str:
        """Render the list of chats with its unread marks."""
        return sidebar.html(user_pk)
