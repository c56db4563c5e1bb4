"""What is filled in about a bot."""

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from messaging.accounts import names
from messaging.accounts.models import name as kept_names
from messaging.accounts.models.bot import Bot

LONGEST_NAME = 80
OWN_WORDS = {"dir": "auto", "autocomplete": "off"}


class BotChangeForm(forms.Form):
    """The name that is shown."""

    name = forms.CharField(max_length=LONGEST_NAME, widget=forms.TextInput(attrs=OWN_WORDS))

    def clean_name(self) -> str:
        name = names.clean(self.cleaned_data["name"], LONGEST_NAME)
        if not name:
            raise ValidationError("Write a name.", code="required")
        return name


class BotForm(BotChangeForm):
    """The same of a new one, and the user name, which stays."""

    username = forms.CharField(
        label="User name",
        validators=[User.username_validator],
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="By which it is found and named, as @deploys. It stays as it is.",
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        kept_names.check_new(username)
        return username

    def make(self, made_by: User) -> Bot | None:
        """Make the bot; nothing, with the reason in the form, if another took the user name meanwhile."""
        try:
            return Bot.objects.make(self.cleaned_data["username"], self.cleaned_data["name"], made_by)
        except IntegrityError:
            self.add_error("username", kept_names.TAKEN)
            return None
