"""Times that come again: every day, week or month, at the same hour of the site's clock."""

from calendar import monthrange
from datetime import datetime, timedelta

from django.utils import timezone

LONGEST = {"day": timedelta(days=1), "week": timedelta(weeks=1), "month": timedelta(days=31)}


def around(first: datetime, every: str, now: datetime) -> tuple[datetime, datetime | None]:
    """Return the last of the times that have come, `first` among them, and the one to come; None if it is no more."""
    if not every:
        return first, None
    number = max(1, (now - first) // LONGEST[every] - 1)
    while nth(first, every, number) <= now:
        number += 1
    return nth(first, every, number - 1), nth(first, every, number)


def nth(first: datetime, every: str, number: int) -> datetime:
    """Return the time that is so many days, weeks or months after the first."""
    # By the clock on the wall: nine o'clock stays nine o'clock when summer time begins.
    local = timezone.make_naive(first, timezone.get_default_timezone())
    if every == "month":
        local = _add_months(local, number)
    else:
        local += number * LONGEST[every]
    return timezone.make_aware(local, timezone.get_default_timezone())


def _add_months(first: datetime, count: int) -> datetime:
    # From the first time and not from the one before: after the 28th of February comes the 31st of March again.
    years, month = divmod(first.month - 1 + count, 12)
    year, month = first.year + years, month + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))
