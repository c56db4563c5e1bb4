"""What comes while somebody writes."""

from django import forms

from notifications.push import text

LONGEST = 4 * text.MAX_LENGTH
"""A draft may be longer than a message, until its author has cut it."""


class DraftForm(forms.Form):
    """What stands in the box of a chat."""

    body = forms.CharField(required=False, strip=False, max_length=LONGEST)

    def clean_body(self) -> str:
        return text.storable(self.cleaned_data["body"])
