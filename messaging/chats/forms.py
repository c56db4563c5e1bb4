"""What people fill in about chats and who is in them."""

import re
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy

from messaging.accounts.models.block import BLOCKED, is_blocked
from messaging.accounts.names import fold
from messaging.accounts.people import called, shown_as
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from notifications.push import limits, text

MOST_PEOPLE = 20
OWN_WORDS = {"dir": "auto", "autocomplete": "off"}
"""A field that is called `name`, but not for the name of whoever fills it in, which browsers would propose."""
LONGEST_NAME = Chat._meta.get_field("name").max_length or 0


class RoomNameForm(forms.Form):
    """The box on the front page: a room's name leads into it."""

    name = forms.CharField(max_length=LONGEST_NAME, widget=forms.TextInput(attrs=OWN_WORDS))

    def clean_name(self) -> str:
        return _clean(self.cleaned_data["name"])


class RoomForm(forms.ModelForm):
    """A new room, open or private, or another name for one."""

    KINDS = [(Chat.Kind.OPEN, "Open: everyone may join"), (Chat.Kind.PRIVATE, "Private: by invitation")]

    class Meta:
        model = Chat
        fields = ("name", "kind")
        widgets = {"name": forms.TextInput(attrs=OWN_WORDS)}

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


class SearchForm(forms.Form):
    """What a list is searched for."""

    q = forms.CharField(label="Search", required=False, max_length=150, widget=forms.SearchInput)

    @property
    def typed(self) -> str:
        return self.cleaned_data["q"] if self.is_valid() else ""


class PeopleForm(forms.Form):
    """People by their user names, between spaces or commas, or by the names that are shown of them, between commas.

    An @ before a user name does no harm.
    """

    COMPLETED = {
        "list": "people",
        "autocomplete": "off",
        "autocapitalize": "none",
        "hx-get": reverse_lazy("people-names"),
        "hx-trigger": "focus once, input changed delay:150ms",
        "hx-target": "#people",
        "hx-sync": "this:queue last",
    }
    people = forms.CharField(label="User names", max_length=1000, widget=forms.TextInput(attrs=COMPLETED))

    def __init__(self, *args: Any, not_in: Chat | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not_in:
            self.fields["people"].widget.attrs["hx-get"] = f"{reverse('people-names')}?not_in={not_in.pk}"

    def clean_people(self) -> list[User]:
        """Return the people of these names, or say which are not known."""
        parts = [_words(part) for part in re.split(r"[,;\n]", self.cleaned_data["people"])]
        known = {fold(user.username) for user in self._people_of({word for part in parts for word in part})}
        by_username = {word for part in parts if known.issuperset(map(fold, part)) for word in part}
        shown = {" ".join(part) for part in parts if not by_username.issuperset(part)}
        users = [*self._people_of(by_username), *self._shown_as(shown, known)]
        if len(users) > MOST_PEOPLE:
            raise ValidationError("At most %(most)s people at once.", params={"most": MOST_PEOPLE})
        if not users:
            raise ValidationError("Nobody here is called that.")
        return users

    def may_write(self, writer: User) -> bool:
        """Return whether somebody may begin a conversation with them; if not, the form says so."""
        others = {user.pk for user in self.cleaned_data["people"]} - {writer.pk}
        if len(others) == 1 and is_blocked(writer.pk, by=others.pop()):
            self.add_error("people", BLOCKED)
        return not self.errors

    def may_invite(self, inviter: User) -> bool:
        """Return whether somebody may bring in so many people now; if not, the form says so."""
        return limits.allowed("invitations", inviter.pk, times=len(self.cleaned_data["people"]), form=self)

    def _shown_as(self, names: set[str], known: set[str]) -> list[User]:
        found = shown_as(names)
        if missing := [name for name in sorted(names) if not found[fold(name)]]:
            # What is left of a list of user names, or the whole that may be one name.
            unknown = [" ".join(word for word in name.split() if fold(word) not in known) for name in missing]
            raise ValidationError("Nobody here is called %(names)s.", params={"names": ", ".join(unknown)})
        for name in names:
            if len(found[fold(name)]) > 1:
                usernames = ", ".join(f"@{user.username}" for user in found[fold(name)])
                raise ValidationError(f"Several people are called {name}. Write who you mean: {usernames}.")
        return [user for users in found.values() for user in users]

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


def _words(part: str) -> list[str]:
    return [word.lstrip("@＠") for word in part.split() if word.strip("@＠")]  # noqa: RUF001
