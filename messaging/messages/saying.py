"""What a message says in one line, where it is only quoted."""

from html import unescape

from django.utils.html import strip_tags

from messaging.messages import parts
from messaging.messages.models import Message
from notifications.push import text


def in_a_line(message: Message, longest: int) -> str:
    """Return a message's words without their marks, and what is beside them, cut to so many characters."""
    words = " ".join([unescape(strip_tags(message.html)), *parts.lines(message.parts)])
    return text.one_line(words, longest)
