"""What a chat's page has of search."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from messaging.chats.models.chat import Chat
from messaging.search.asking import QUOTES

register = template.Library()


@register.filter
def search_within(chat: Chat) -> str:
    """Return the address of the search in a chat: by its name, or by its number if that says more."""
    home = chat.home
    return f"{reverse('search')}?{urlencode({'q': f'in:{_name(home)} '})}"


def _name(home: Chat) -> str:
    # What is read as a quote ends a name, and what is behind a # may be the number of another chat.
    if home.is_direct or home.name.startswith("#") or '"' in home.name.translate(QUOTES):
        return f"#{home.pk}"
    return f'"{home.name}"' if " " in home.name else home.name
