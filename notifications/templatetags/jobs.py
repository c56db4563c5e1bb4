"""Template filters for background tasks."""

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def duration(time: timedelta) -> str:
    """Return a length of time in words: 12 s, 3 min, 2 h 5 min."""
    seconds = round(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    elif seconds < 3600:
        return f"{round(seconds / 60)} min"
    else:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
