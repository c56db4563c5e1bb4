"""Template tags for chats."""

from django import template
from django.template import Context

from messaging.chats import sidebar
from messaging.chats.models.folding import Folding
from messaging.chats.sidebar import Entry

register = template.Library()


@register.simple_tag(takes_context=True)
def chat_entry(context: Context, entry: Entry) -> str:
    """Return an entry of the list of chats, marked if the page is the chat's own, or of what belongs to the chat."""
    chat, request = context.get("chat"), context.get("request")
    if request is None or chat is None or chat.pk != entry.chat.pk:
        return entry.html()
    return entry.html("page" if request.path == entry.chat.get_absolute_url() else "true")


@register.simple_tag
def chat_sections(entries: list[Entry], folding: Folding) -> list[sidebar.Section]:
    """Return the list of chats in its sections; a page that was given none has none."""
    return sidebar.sections(entries, folding) if folding else []
