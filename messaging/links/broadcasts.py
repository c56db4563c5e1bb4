"""Everything that is pushed about links to messages, by the facts that cause it."""

from messaging.chats.models.chat import members_stream
from messaging.messages.models import Message
from notifications.push import push


def quoted_changed(message: Message) -> None:
    """Have the pages that quote a message, in whatever chat, show it as it is now.

    One push reaches them: members hear on every page of what happens in the message's chat, or in that which its thread
    is of. Who reads an open room without being a member finds it with the next page.
    """
    chat_pk = message.chat.parent_id or message.chat_id
    context = {"pk": message.pk, "is_deleted": bool(message.deleted_at)}
    push(members_stream(chat_pk), "messaging/push/quoted.html", context)
