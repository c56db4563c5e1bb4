"""What people send."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.models import Chat, Membership
from notifications import text

MOST_PEOPLE = 20


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
        """Return the text as it will be stored."""
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
        """Return the text as it will be stored."""
        return text.clean(self.cleaned_data["body"])


class RoomNameForm(forms.Form):
    """The box on the front page: a room's name leads into it."""

    name = forms.CharField(
        max_length=Chat._meta.get_field("name").max_length, widget=forms.TextInput(attrs={"dir": "auto"})
    )


class RoomForm(forms.ModelForm):
    """A new room, open or private, or another name for one."""

    KINDS = [(Chat.Kind.OPEN, "Open: everyone may join"), (Chat.Kind.PRIVATE, "Private: by invitation")]

    class Meta:
        model = Chat
        fields = ("name", "kind")
        widgets = {"name": forms.TextInput(attrs={"dir": "auto"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        if self.instance.pk:
            del self.fields["kind"]
        else:
            self.fields["kind"] = forms.ChoiceField(
                choices=self.KINDS, widget=forms.RadioSelect, initial=Chat.Kind.OPEN
            )

    def clean(self) -> dict[str, Any]:
        """Refuse the name of another open room."""
        name = self.cleaned_data.get("name", "")
        kind = self.cleaned_data.get("kind", self.instance.kind)
        others = Chat.objects.filter(kind=Chat.Kind.OPEN).named(name).exclude(pk=self.instance.pk)
        if kind == Chat.Kind.OPEN and others.exists():
            self.add_error("name", "There is an open room of this name already.")
        return self.cleaned_data


class PeopleForm(forms.Form):
    """User names, separated by spaces or commas; an @ before them does no harm."""

    people = forms.CharField(
        label="User names", max_length=1000, widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
    )

    def clean_people(self) -> list[User]:
        """Return the people of these names, or say which are not known."""
        names = {name.lstrip("@") for name in re.split(r"[\s,;]+", self.cleaned_data["people"]) if name.strip("@")}
        users = list(get_user_model().objects.filter(username__in=names, is_active=True))
        if len(names) > MOST_PEOPLE:
            raise ValidationError("At most %(most)s people at once.", params={"most": MOST_PEOPLE})
        unknown = names - {user.username for user in users}
        if unknown or not users:
            raise ValidationError("Nobody here is called %(names)s.", params={"names": _listed(unknown)})
        return users


class SignUpForm(BaseUserCreationForm):
    """A new account."""

    class Meta(BaseUserCreationForm.Meta):
        fields = ("username", "first_name")
        labels = {"first_name": "Name"}
        help_texts = {"username": "What you sign in with, and what others write after an @ to call you."}

    def clean_username(self) -> str:
        """Refuse a name that differs from another only in upper and lower case: @mentions do not tell them apart."""
        username = self.cleaned_data["username"]
        if get_user_model().objects.filter(username__iexact=username).exists():
            raise ValidationError("That user name is taken.", code="unique")
        return username


class LevelForm(forms.Form):
    """What of a chat a member is notified of."""

    level = forms.ChoiceField(label="Tell me of", choices=Membership.Level.choices, widget=forms.RadioSelect)


class ProfileForm(forms.ModelForm):
    """How others see you."""

    class Meta:
        model = get_user_model()
        fields = ("first_name", "email")
        labels = {"first_name": "Name"}
        help_texts = {
            "first_name": "Shown beside your messages; without one it is your user name.",
            "email": "For a forgotten password; nobody else sees it.",
        }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "that"
