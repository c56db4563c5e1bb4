"""What is filled in about a command."""

import re

from django import forms
from django.core.exceptions import ValidationError

from messaging.accounts.models.bot import Bot
from messaging.commands.models import LONGEST_HELP, LONGEST_NAME, MOST, BotCommand
from messaging.messages import commands
from notifications.push import text

TAKEN = "Every chat has the command /%(name)s already: choose another name."
NO_NAME = "A name is letters, digits, - and _."
MANY = f"A bot has at most {MOST} commands."


def clean_name(name: str) -> str:
    """Return the name of a command as it is kept; ValidationError if a bot can have none like it."""
    name = name.strip().removeprefix("/").lower()
    if not re.fullmatch(commands.NAME, name) or len(name) > LONGEST_NAME:
        raise ValidationError(NO_NAME, code="no_name")
    if commands.is_own(name):
        raise ValidationError(TAKEN, code="taken", params={"name": name})
    return name


class CommandForm(forms.Form):
    """A name and a line of help; a name that the bot has is given other help."""

    name = forms.CharField(
        max_length=LONGEST_NAME + 1,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="As people write it behind the slash.",
    )
    help = forms.CharField(
        label="What it does",
        max_length=LONGEST_HELP,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text="One line, shown to those who begin to write it.",
    )

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_help(self) -> str:
        return text.one_line(self.cleaned_data["help"], LONGEST_HELP)

    def save(self, bot: Bot) -> bool:
        """Keep the command; False, with the reason in the form, if the bot has too many."""
        name, said = self.cleaned_data["name"], self.cleaned_data["help"]
        with BotCommand.objects.alone(bot):
            if bot.commands.exclude(name=name).count() >= MOST:
                self.add_error(None, MANY)
                return False
            BotCommand.objects.update_or_create(bot=bot, name=name, defaults={"help": said})
        return True
