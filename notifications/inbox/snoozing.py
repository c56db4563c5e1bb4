"""Until when a notification can be snoozed, in the site's time zone."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django import forms
from django.utils import timezone

MORNING = time(9)


def an_hour_later(now: datetime) -> datetime:
    return now + timedelta(hours=1)


def tomorrow_morning(now: datetime) -> datetime:
    """Return nine o'clock of the next day."""
    return _morning(timezone.localdate(now) + timedelta(days=1))


def next_monday(now: datetime) -> datetime:
    """Return nine o'clock of the next Monday, which is never today."""
    today = timezone.localdate(now)
    return _morning(today + timedelta(days=7 - today.weekday()))


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, timezone.get_current_timezone())


class Time(NamedTuple):
    """A time to choose: what it is called, and when it is."""

    label: str
    after: Callable[[datetime], datetime]


TIMES = {
    "hour": Time("1 hour", an_hour_later),
    "tomorrow": Time(f"Tomorrow, {MORNING.hour}:{MORNING:%M}", tomorrow_morning),
    "monday": Time(f"Monday, {MORNING.hour}:{MORNING:%M}", next_monday),
}


class SnoozeForm(forms.Form):
    """One of the times to choose from."""

    until = forms.ChoiceField(choices=[(name, time.label) for name, time in TIMES.items()])

    def clean_until(self) -> datetime:
        """Return the time itself."""
        return TIMES[self.cleaned_data["until"]].after(timezone.now())
