"""Template filters for people."""

from django import template

from messaging.accounts.people import display_name, is_bot, mark, shown_name

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
