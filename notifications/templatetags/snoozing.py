"""Until when a notification can be snoozed, for its row."""

from django import template

from notifications.inbox.snoozing import TIMES, Time

register = template.Library()


@register.simple_tag
def snooze_times() -> list[tuple[str, Time]]:
    """Return the times to choose from, by the names under which they are sent."""
    return list(TIMES.items())
