"""What people write."""

import uuid

from django import forms
from django.core.exceptions import ValidationError

from notifications.push import text


class MessageForm(forms.Form):
    """A message; `client_id` says which sending of the form it is, so that a repeat is harmless."""

    body = forms.CharField(
        label="Message",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 1, "dir": "auto", "placeholder": "Write a message"}),
    )
    client_id = forms.UUIDField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid.uuid4
    )

    def clean_body(self) -> str:
        return text.clean(self.cleaned_data["body"])

    def with_fresh_id(self, error: ValidationError) -> "MessageForm":
        """Return the form with the same text and this error, ready to be sent as a message of its own."""
        form = MessageForm({"body": self.data.get("body", ""), "client_id": str(uuid.uuid4())})
        form.add_error("body", error)
        return form


class EditForm(forms.Form):
    """Another text for a message."""

    body = forms.CharField(
        label="Message", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )

    def clean_body(self) -> str:
        return text.clean(self.cleaned_data["body"])
