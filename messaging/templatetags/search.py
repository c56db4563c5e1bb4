"""What a chat's page has of search."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from messaging.chats.models.chat import Chat

register = template.Library()


@register.filter
def search_within(chat: Chat) -> str:
    """Return the address of the search in a chat: by its name, or by its number if that says more."""
    home = chat.home
    name = f"#{home.pk}" if home.is_direct or '"' in home.name else f'"{home.name}"' if " " in home.name else home.name
    return f"{reverse('search')}?{urlencode({'q': f'in:{name} '})}"
