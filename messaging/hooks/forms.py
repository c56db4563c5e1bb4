"""What is filled in about a hook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from messaging.accounts import names
from notifications.push import text

LONGEST_NAME = 80
OWN_WORDS = {"dir": "auto", "autocomplete": "off"}


class HookForm(forms.Form):
    """A name, and an emoji as the picture beside it."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs=OWN_WORDS),
        help_text="As whom it speaks, unless what is posted says otherwise.",
    )
    emoji = forms.CharField(
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Stands in the place of a picture, as 🚀 or :rocket:.",
    )

    def clean_name(self) -> str:
        name = names.clean(self.cleaned_data["name"], LONGEST_NAME)
        if not name:
            raise ValidationError("Write a name.", code="required")
        return name

    def clean_emoji(self) -> str:
        return clean_emoji(self.cleaned_data["emoji"])


class HookChangeForm(HookForm):
    """The same of one that is there, and whether it takes anything."""

    is_on = forms.BooleanField(label="Takes what is posted", required=False)


def clean_emoji(typed: str) -> str:
    """Return the sign that somebody has typed or named; ValidationError if it is no emoji."""
    signs: dict[str, Any] = text.signs()
    typed = typed.strip()
    sign = str(signs.get(typed.strip(":").lower(), typed))
    if sign and sign not in signs.values():
        raise ValidationError("That is no emoji that is known here.", code="invalid")
    return sign
