"""Template tags for chats."""

from django import template
from django.template import Context

from messaging.chats.sidebar import Entry

register = template.Library()


@register.simple_tag(takes_context=True)
def chat_entry(context: Context, entry: Entry) -> str:
    """Return an entry of the list of chats, marked if the page is the chat's own, or of what belongs to the chat."""
    chat, request = context.get("chat"), context.get("request")
    if request is None or chat is None or chat.pk != entry.chat.pk:
        return entry.html()
    return entry.html("page" if request.path == entry.chat.get_absolute_url() else "true")
