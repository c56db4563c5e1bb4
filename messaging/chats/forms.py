"""What people fill in about chats and who is in them."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.accounts.names import fold
from messaging.accounts.people import called
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from notifications.push import limits, text

MOST_PEOPLE = 20
LONGEST_NAME = Chat._meta.get_field("name").max_length or 0


class RoomNameForm(forms.Form):
    """The box on the front page: a room's name leads into it."""

    name = forms.CharField(max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"dir": "auto"}))

    def clean_name(self) -> str:
        return _clean(self.cleaned_data["name"])


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

    def clean_name(self) -> str:
        return _clean(self.cleaned_data["name"])

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
        users = self._people_of(names)
        if len(names) > MOST_PEOPLE:
            raise ValidationError("At most %(most)s people at once.", params={"most": MOST_PEOPLE})
        known = {fold(user.username) for user in users}
        unknown = {name for name in names if fold(name) not in known}
        if unknown or not users:
            raise ValidationError("Nobody here is called %(names)s.", params={"names": _listed(unknown)})
        return users

    def may_invite(self, inviter: User) -> bool:
        """Return whether somebody may bring in so many people now; if not, the form says so."""
        return limits.allowed("invitations", inviter.pk, times=len(self.cleaned_data["people"]), form=self)

    def _people_of(self, names: set[str]) -> list[User]:
        found = called(names).filter(is_active=True)
        # Of two whose names differ in case only, from before that was refused, the one is meant that is written so.
        exact = {fold(user.username) for user in found if user.username in names}
        return [user for user in found if user.username in names or fold(user.username) not in exact]


class LevelForm(forms.Form):
    """What of a chat a member is notified of."""

    level = forms.ChoiceField(label="Tell me of", choices=Membership.Level.choices, widget=forms.RadioSelect)


def _clean(name: str) -> str:
    if name := text.clean_name(name, LONGEST_NAME):
        return name
    else:
        raise ValidationError("A room needs a name.", code="required")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "that"
