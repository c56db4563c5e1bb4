"""Chats as streams: what their pages follow, and how they catch up."""

from collections.abc import Collection

from django.db.models import F
from django.template.loader import render_to_string

from messaging.chats import sidebar
from messaging.messages import broadcasts
from messaging.models import Chat, Membership
from notifications.live.streams import Changes, Stream

REPLAY_LIMIT = 200


class ChatStream(Stream):
    """`chat.<pk>`: the messages of a chat, for those who may see it."""

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """Allow members, and everybody where the room is open."""
        chats = {chat_pk for _, chat_pk in pairs}
        users = {user_pk for user_pk, _ in pairs}
        is_open = set(Chat.objects.filter(pk__in=chats, kind=Chat.Kind.OPEN).values_list("pk", flat=True))
        members = set(Membership.objects.filter(chat__in=chats, user__in=users).values_list("user_id", "chat_id"))
        return {pair: {f"chat.{pair[1]}"} for pair in pairs if pair in members or pair[1] in is_open}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return the `seq` of these chats."""
        return dict(Chat.objects.filter(pk__in=pks).values_list("pk", "seq"))

    def changes(self, pk: int, after: int) -> Changes:
        """Render the messages written, edited or deleted since, or past a bound the newest page of them afresh."""
        # seq first: what changes between the two reads comes again by its own event, and is never left out. What is
        # written between them comes only by that.
        chat = Chat.objects.filter(pk=pk).first()
        if chat is None:
            return Changes(after, "")
        messages = chat.messages.filter(created_seq__lte=chat.seq)
        changed = list(messages.changed_after(after)[: REPLAY_LIMIT + 1])
        html: str
        if len(changed) > REPLAY_LIMIT or after > chat.seq:
            html = render_to_string("messaging/push/all.html", {"chat": chat, "history": messages.page_before()})
        else:
            html = "".join(broadcasts.message_html(message, is_new=message.created_seq > after) for message in changed)
        if chat.name_seq > after:
            html += render_to_string("messaging/push/name.html", {"chat": chat})
        return Changes(chat.seq, html)


class MembersStream(Stream):
    """`members.<pk>`: that something was said in a chat, for its members' lists; its `seq` is the newest number."""

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return the newest number of these chats."""
        return dict(Chat.objects.filter(pk__in=pks).values_list("pk", "last_number"))

    def changes(self, pk: int, after: int) -> Changes:
        """Say the newest number, with nothing to render: the cursor tells a list of chats all that it missed."""
        return Changes(self.tops([pk]).get(pk, after), "")


class Sidebar:
    """What people see of their chats on whatever page they have open."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Let everyone's own socket follow the activity in their chats."""
        groups: dict[int, set[str]] = {}
        memberships = Membership.objects.filter(user__in=user_pks)
        for user_pk, chat_pk in memberships.values_list(F("user_id"), F("chat_id")):
            groups.setdefault(user_pk, set()).add(f"members.{chat_pk}")
        return groups

    def snapshot(self, user_pk: int) -> str:
        """Render the list of chats with its unread marks."""
        return sidebar.html(user_pk)
