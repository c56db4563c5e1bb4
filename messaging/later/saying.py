"""When something is done, in words."""

from datetime import datetime

from django.utils import formats, timezone

from messaging.later.models import Later


def when(first_at: datetime, every: str) -> str:
    """Return when it is done first and whether it comes again, by the clock of the current zone."""
    shown = formats.date_format(timezone.localtime(first_at), "l, j F Y, H:i")
    again = f", then {Later.Every(every).label.lower()}" if every else ""
    return f"on {shown}{again}"
