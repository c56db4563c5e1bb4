"""Template tags for live pages."""

from django import template

from notifications import streams

register = template.Library()


@register.simple_tag
def cursor(stream: str, seq: int) -> str:
    """Place the page in a stream: it has seen everything up to `seq`. Read `seq` before the rows that are shown."""
    return streams.cursor(stream, seq)
