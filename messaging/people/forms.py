"""What people say of how they are just now."""

from datetime import datetime, time, timedelta

import emoji
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from messaging.accounts.models.profile import LONGEST_EMOJI, LONGEST_STATUS

OWN_WORDS = {"dir": "auto", "autocomplete": "off"}


class StatusForm(forms.Form):
    """An emoji, a few words, and when they end."""

    ENDS = [
        ("", "Until I clear it"),
        ("30m", "30 minutes"),
        ("1h", "An hour"),
        ("today", "Today"),
        ("week", "This week"),
    ]
    emoji = forms.CharField(
        required=False,
        max_length=LONGEST_EMOJI,
        widget=forms.TextInput(attrs={"list": "status-emoji", "autocomplete": "off"}),
    )
    status = forms.CharField(
        label="What are you up to?",
        required=False,
        max_length=LONGEST_STATUS,
        widget=forms.TextInput(attrs=OWN_WORDS),
    )
    end = forms.ChoiceField(label="Show it", choices=ENDS, required=False)

    def clean_emoji(self) -> str:
        sign: str = self.cleaned_data["emoji"]
        if sign and not emoji.is_emoji(sign):
            raise ValidationError("Choose one emoji.")
        return sign

    def clean(self) -> dict[str, object]:
        """Refuse what says nothing."""
        if not (self.errors or self.cleaned_data["emoji"] or self.cleaned_data["status"]):
            raise ValidationError("Choose an emoji or write a few words.")
        return self.cleaned_data

    @property
    def fields_to_keep(self) -> dict[str, object]:
        """What the profile is to have, by its fields."""
        said = self.cleaned_data
        return {"emoji": said["emoji"], "status": said["status"], "status_until": ending(said["end"])}


def ending(choice: str) -> datetime | None:
    """Return when a status ends, by the clock of whoever asks; None if never by itself. Weeks begin on Mondays."""
    now = timezone.localtime()
    days = {"today": 1, "week": 7 - now.weekday()}
    if choice in days:
        return datetime.combine(now.date() + timedelta(days=days[choice]), time(), now.tzinfo)
    minutes = {"30m": 30, "1h": 60}.get(choice)
    return now + timedelta(minutes=minutes) if minutes else None
