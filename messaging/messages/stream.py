"""A chat's messages as a stream: what its pages follow, and how they catch up."""

from collections.abc import Collection

from django.template.loader import render_to_string

from messaging.chats.models.chat import Chat
from messaging.messages import broadcasts
from notifications.push import streams

REPLAY_LIMIT = 200


class ChatStream(streams.Stream):
    """`chat.<pk>`: the messages of a chat, for those who may see it."""

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
        changed = list(messages.changed_after(after)[: REPLAY_LIMIT + 1])
        html: str
        if len(changed) > REPLAY_LIMIT or after > chat.seq:
            html = render_to_string("messaging/push/all.html", {"chat": chat, "history": messages.page_before()})
        else:
            html = "".join(broadcasts.message_html(message, is_new=message.created_seq > after) for message in changed)
        if chat.name_seq > after:
            html += render_to_string("messaging/push/name.html", {"chat": chat})
        return streams.Changes(chat.seq, html)
