"""What pages say of themselves, and what people want to be shown of them."""

import re

from django import forms
from django.core.exceptions import ValidationError

from messaging.presence.pages import WAYS

MOST_ASKED = 200
"""Of so many people a page may ask at once; those of the beginning of a longer list are answered."""


class PageForm(forms.Form):
    """What a page says: which one it is, and whether it is looked at; and of whom it asks how they are."""

    page = forms.RegexField(r"\A[0-9a-f]{8,32}\Z")
    way = forms.ChoiceField(choices=[(way, way) for way in WAYS])
    turn = forms.IntegerField(min_value=0, max_value=2**31)
    people = forms.CharField(required=False, max_length=10_000)

    def clean_people(self) -> list[int]:
        """Return the primary keys of whom it asks."""
        typed = self.cleaned_data["people"]
        if not re.fullmatch(r"(\d{1,18}(,\d{1,18})*)?", typed, re.ASCII):
            raise ValidationError("These are no people.")
        return [int(each) for each in typed.split(",") if each][:MOST_ASKED]


class ShowingForm(forms.Form):
    """What others are shown."""

    online = forms.BooleanField(label="Show when I am online", required=False)
    writing = forms.BooleanField(label="Show when I write", required=False)
    reading = forms.BooleanField(label="Show what I have read", required=False)
