"""What a chat's page has of writing."""

import emoji
from django import template
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from messaging.accounts.people import mark, shown_name
from messaging.chats.models.chat import Chat
from messaging.messages.shown import TEMPLATE
from messaging.writing.models import Draft

register = template.Library()


@register.simple_tag
def draft(user: User, chat: Chat) -> str:
    """Return what the person has begun to write in the chat, on whatever device."""
    return Draft.objects.filter(user=user, chat=chat).values_list("body", flat=True).first() or ""


@register.simple_tag
def emoji_version() -> str:
    return emoji.__version__


@register.simple_tag
def pending_message(user: User) -> str:
    """Return a message of the person that has no text yet, as all messages look."""
    return render_to_string(TEMPLATE, {"author": user.pk, "name": shown_name(user), "mark": mark(user)})
