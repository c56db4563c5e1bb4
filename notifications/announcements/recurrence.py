"""Times that come again: every day, weekday, week or month, at the same hour of a zone's clock."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils import timezone

LONGEST = {
    "day": timedelta(days=1),
    "weekday": timedelta(weeks=1) / 5,
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}
FRIDAY = 4


def around(first: datetime, every: str, now: datetime, zone: tzinfo | None = None) -> tuple[datetime, datetime | None]:
    """Return the last of the times that have come, `first` among them, and the one to come; None if it is no more.

    They are of the site's clock unless a zone is given.
    """
    zone = zone or timezone.get_default_timezone()
    if not every:
        return first, None
    number = max(1, (now - first) // LONGEST[every] - 1)
    while nth(first, every, number, zone) <= now:
        number += 1
    return nth(first, every, number - 1, zone), nth(first, every, number, zone)


def nth(first: datetime, every: str, number: int, zone: tzinfo) -> datetime:
    """Return the time that is so many days, days from Monday to Friday, weeks or months after the first."""
    if number == 0:
        return first
    # By the clock on the wall: nine o'clock stays nine o'clock when summer time begins. Of an hour that comes twice,
    # `fold` says which one it was, and that is nothing to the days after.
    local = timezone.make_naive(first, zone).replace(fold=0)
    if every == "month":
        local = _add_months(local, number)
    elif every == "weekday":
        local = _add_weekdays(local, number)
    else:
        local += number * LONGEST[every]
    # As it is written everywhere: of a time that a zone's clock skips or shows twice, Python finds no equal elsewhere.
    return timezone.make_aware(local, zone).astimezone(UTC)


def _add_weekdays(first: datetime, count: int) -> datetime:
    # What begins at a weekend goes on as if it had on Friday.
    day = min(first.weekday(), FRIDAY)
    weeks, weekday = divmod(day + count, FRIDAY + 1)
    return first + timedelta(weeks=weeks, days=weekday - first.weekday())


def _add_months(first: datetime, count: int) -> datetime:
    # From the first time and not from the one before: after the 28th of February comes the 31st of March again.
    years, month = divmod(first.month - 1 + count, 12)
    year, month = first.year + years, month + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))
