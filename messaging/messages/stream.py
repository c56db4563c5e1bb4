"""A chat's messages as a stream: what its pages follow, and how they catch up."""

from collections.abc import Collection
from typing import Any

from messaging.chats.models.chat import Chat
from messaging.messages import broadcasts, history
from messaging.messages.data import data_of
from messaging.messages.shown import FIELDS, Shown
from notifications.push import render_push, streams

REPLAY_LIMIT = 200
PART_SIZE = 100
"""So many messages a program is told at once."""


class ChatStream(streams.Stream):
    """`chat.<pk>`: the messages of a chat, for those who may see it."""

    seq_says_all = True

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        return {pair: {f"chat.{pair[1]}"} for pair in Chat.objects.visible_pairs(pairs)}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        return dict(Chat.objects.filter(pk__in=pks).values_list("pk", "seq"))

    def changes(self, pk: int, after: int) -> streams.Changes:
        """Render the messages written, edited or deleted since, or past a bound the newest page of them afresh."""
        # seq first: what changes between the two reads comes again by its own event, and is never left out. What is
        # written between them comes only by that.
        chat = Chat.objects.filter(pk=pk).first()
        if chat is None:
            return streams.Changes(after, "")
        messages = chat.messages.filter(created_seq__lte=chat.seq)
        rows = messages.changed_after(after).turning().values_list("created_seq", "is_continued", *FIELDS)
        changed = list(rows[: REPLAY_LIMIT + 1])
        html: str
        if len(changed) > REPLAY_LIMIT or after > chat.seq:
            newest = history.before(messages.page_before())
            html = render_push("messaging/push/all.html", {"chat": chat, "history": newest})
        else:
            html = "".join(
                broadcasts.fragment(Shown._make(shown), pk, is_new=created_seq > after, is_continued=is_continued)
                for created_seq, is_continued, *shown in changed
            )
        if chat.name_seq > after:
            html += render_push("messaging/push/name.html", {"chat": chat})
        if chat.state_seq > after:
            html += render_push("messaging/push/room.html", {"chat": chat})
        if chat.pinned_seq > after:
            html += render_push("messaging/push/pins.html", {"chat": chat})
        return streams.Changes(chat.seq, html)

    def data(self, pk: int, after: int) -> streams.Data:
        """Return the messages written, edited or deleted since, by their changes, and the chat's name if it is new."""
        chat = Chat.objects.filter(pk=pk).first()
        if chat is None or after >= chat.seq:
            return streams.Data(after if chat is None else chat.seq, [])
        changed = chat.messages.filter(changed_seq__gt=after, changed_seq__lte=chat.seq)
        messages = list(changed.select_related("author").order_by("changed_seq")[:PART_SIZE])
        seq = messages[-1].changed_seq if len(messages) == PART_SIZE else chat.seq
        entries: list[dict[str, Any]] = [{"type": "message", **data_of(message)} for message in messages]
        if after < chat.name_seq <= seq:
            entries.append({"seq": chat.name_seq, "type": "chat", "id": chat.pk, "name": chat.name})
        return streams.Data(seq, sorted(entries, key=lambda entry: entry["seq"]))
