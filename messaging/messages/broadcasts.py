"""Everything that is pushed about messages, by the facts that cause it."""

from django.utils import timezone

from messaging.messages.models import Message
from messaging.messages.shown import Shown, placed, rendered
from notifications.push import push_html, push_soon


def new_message(message: Message) -> None:
    """Push a message to its chat."""
    push_html(message.chat, "new_message", message_html(message, is_new=True), message.created_seq)


def message_changed(message: Message) -> None:
    """Push an edited or deleted message to its chat."""
    push_html(message.chat, "message_changed", message_html(message, is_new=False), message.changed_seq)


def part_changed(message: Message) -> None:
    """Have the chat show a message's parts as they are now, within moments: many may change the same ones at once."""
    push_soon(message.chat, message.changed_seq)


def message_html(message: Message, *, is_new: bool) -> str:
    """Return a message as it is pushed: put at the end of the list, or in the place of what it was."""
    return fragment(message.shown, message.chat_id, is_new=is_new, is_continued=message.is_continued)


def fragment(message: Shown, chat_pk: int, *, is_new: bool, is_continued: bool) -> str:
    """Return what is shown of a message as it is pushed: by the site's clock, not by that of whoever causes it."""
    (html,) = rendered([message], timezone.get_default_timezone())
    if is_new:
        html = placed(html, is_continued=is_continued)
        return f"<div hx-swap-oob=\"beforeend:[data-messages='{chat_pk}']\">{html}</div>"
    else:
        return placed(html, is_continued=is_continued, attributes='hx-swap-oob="true"')
