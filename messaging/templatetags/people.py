"""Template filters for people."""

from django import template
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from messaging.accounts.models.block import Block
from messaging.accounts.people import display_name, is_bot, mark, shown_name
from messaging.chats.models.chat import Chat

register = template.Library()
register.filter("display_name", display_name)
register.filter("is_bot", is_bot)
register.filter("mark", mark)
register.filter("shown_name", shown_name)


HUES = 8


@register.filter
def hue(pk: int) -> int:
    """Return which of the stylesheet's colours a person has."""
    return pk % HUES


@register.simple_tag
def other_of(chat: Chat, user: User) -> User | None:
    """Return whom a conversation of two is with, as its head shows them; `is_blocked` says whether by the user."""
    blocks = Block.objects.filter(by=user, blocked=OuterRef("pk"))
    others = User.objects.select_related("profile").annotate(is_blocked=Exists(blocks))
    return others.filter(pk=chat.other_than(user)).first()
