"""What people write."""

import uuid
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from messaging.chats.models.posting import Addition, clean
from messaging.messages.models import Message

DELETED = "This message was deleted meanwhile. Copy your text if you still need it."


class MessageForm(forms.Form):
    """A message; `client_id` says which sending of the form it is, so that a repeat is harmless."""

    body = forms.CharField(required=False, strip=False)
    client_id = forms.UUIDField(required=False, initial=uuid.uuid4)

    def __init__(self, *args: Any, additions: Collection[Addition] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.additions = additions

    def clean_body(self) -> str:
        return clean(self.cleaned_data["body"], self.additions)

    def with_fresh_id(self, error: ValidationError) -> "MessageForm":
        """Return the form with the same text and this error, ready to be sent as a message of its own."""
        given = {"body": self.data.get("body", ""), "client_id": str(uuid.uuid4())}
        form = MessageForm(given, additions=self.additions)
        form.add_error("body", error)
        return form


class EditForm(forms.Form):
    """Another text for a message."""

    body = forms.CharField(
        label="Message", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )

    def __init__(self, data: QueryDict | None = None, *, message: Message) -> None:
        super().__init__(data, initial={"body": message.body})
        self.message = message

    def clean_body(self) -> str:
        return self.message.cleaned_body(self.cleaned_data["body"])

    def save(self) -> bool:
        """Change the message; False, with the reason in the form, if it was deleted meanwhile or not to be changed."""
        try:
            self.message.edit(self.cleaned_data["body"])
        except Message.DoesNotExist:
            self.add_error("body", DELETED)
        except ValidationError as error:
            self.add_error("body", error)
        return not self.errors
