"""Everything that this app pushes, by the facts that cause it."""

from django.template.loader import render_to_string

from messaging.chats import sidebar
from messaging.models import Chat, Message
from notifications.live.door import push, push_html


def new_message(message: Message) -> None:
    """Push a message to its chat, and its number to the chat's members wherever they are."""
    push_html(message.chat, "new_message", message_html(message, is_new=True), message.created_seq)
    # The cursor that ends every frame of a stream is all that the lists of chats need: the newest number.
    push_html(f"members.{message.chat_id}", "new_message", "", message.number)
    read(message.author_id, message.chat_id, message.number)


def message_changed(message: Message) -> None:
    """Push an edited or deleted message to its chat."""
    push_html(message.chat, "message_changed", message_html(message, is_new=False), message.changed_seq)


def chat_renamed(chat: Chat) -> None:
    """Push a room's name to its open pages and to its members' lists."""
    push(chat, "messaging/push/name.html", {"chat": chat}, chat.name_seq)
    push(f"members.{chat.pk}", "messaging/push/link_name.html", {"chat": chat})


def read(user_pk: int, chat_pk: int, number: int) -> None:
    """Push how far somebody has read to their own pages."""
    push(f"user.{user_pk}", "messaging/push/read.html", {"chat_pk": chat_pk, "number": number})


def chats_changed(user_pk: int) -> None:
    """Push the list of their chats to somebody's pages."""
    push_html(f"user.{user_pk}", "chats_changed", sidebar.html(user_pk))


def message_html(message: Message, *, is_new: bool) -> str:
    """Render a message as it is pushed: put at the end of the list, or in the place of what it was."""
    template = "messaging/push/new_message.html" if is_new else "messaging/push/message_changed.html"
    return render_to_string(template, {"message": message})
