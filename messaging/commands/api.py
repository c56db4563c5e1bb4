"""Commands for programs: a bot says which it has."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from ninja import Field
from typing_extensions import TypedDict

from messaging.accounts.models.bot import Bot
from messaging.commands.forms import clean_name
from messaging.commands.models import LONGEST_HELP, LONGEST_NAME, MOST, BotCommand
from notifications.push import SignedInRequest, api, text

router = api.Router(tags=["Bots"])


class CommandData(TypedDict):
    """A command of a bot's: its name, without the slash, and what it does."""

    name: str
    help: str


class CommandList(TypedDict):
    """The commands of a bot, by their names."""

    commands: list[CommandData]


class NewCommand(api.Given):
    """One command: letters, digits, - and _, and one line that says what it does."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), api.STORABLE]
    help: Annotated[str, Field(min_length=1, max_length=LONGEST_HELP), api.STORABLE]


class Commands(api.Given):
    """All commands of a bot."""

    commands: Annotated[list[NewCommand], Field(max_length=MOST)]


@router.get("/commands", auth=api.needs("read"), response=CommandList)
def list_commands(request: SignedInRequest) -> Any:
    """The commands that one has, as a bot."""
    return {"commands": list(_bot(request).commands.order_by("name").values("name", "help"))}


@router.put("/commands", auth=api.needs("write"), response=CommandList)
def set_commands(request: SignedInRequest, commands: Commands) -> Any:
    """Say as a bot which commands one has: just these, from now on, in all chats that one is a member of."""
    bot = _bot(request)
    found = {clean_name(each.name): text.one_line(each.help, LONGEST_HELP) for each in commands.commands}
    if len(found) < len(commands.commands):
        raise ValidationError("Say each command once.", code="doubled")
    BotCommand.objects.set_all(bot, found.items())
    return list_commands(request)


def _bot(request: SignedInRequest) -> Bot:
    bot = Bot.objects.filter(pk=request.user.pk).first()
    if bot is None:
        raise api.Problem(403, "Only bots have commands.")
    return bot
