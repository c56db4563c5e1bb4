"""Everything that is pushed about messages, by the facts that cause it."""

from django.template.loader import render_to_string

from messaging.messages.models import Message
from notifications.push import push_html


def new_message(message: Message) -> None:
    """Push a message to its chat."""
    push_html(message.chat, "new_message", message_html(message, is_new=True), message.created_seq)


def message_changed(message: Message) -> None:
    """Push an edited or deleted message to its chat."""
    push_html(message.chat, "message_changed", message_html(message, is_new=False), message.changed_seq)


def message_html(message: Message, *, is_new: bool) -> str:
    """Render a message as it is pushed: put at the end of the list, or in the place of what it was."""
    template = "messaging/push/new_message.html" if is_new else "messaging/push/message_changed.html"
    return render_to_string(template, {"message": message})
