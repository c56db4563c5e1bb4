"""Polls: `/poll` says a question with numbered answers, for which people vote by the reactions below it."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from messaging.accounts.models.bot import Bot
from messaging.chats.models.posting import Addition
from messaging.messages.commands import Command, Said
from messaging.reactions import part as reactions

HELP = '"Question" "One" "Two" … or one per line: people vote by 1️⃣ 2️⃣ …'
SIGNS = [f"{digit}\ufe0f\u20e3" for digit in range(1, 10)]
FEWEST = 2
HOW = 'Write /poll "Where to?" "The lake" "The hills", or each of them on a line of its own.'
# Phones and word processors have quotes of their own.
QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
PUTS = "bellwire polls"
"""The user name of who puts the signs there: nobody can choose one with a blank in it."""


class Answers(Addition):
    """The sign of each answer, there from the beginning, and also when nobody votes for it any more."""

    name = reactions.NAME

    def __init__(self, count: int) -> None:
        self.signs = SIGNS[:count]

    def value(self, chat: Any, author: User) -> reactions.Reactions:
        pk = _who_puts().pk
        return [[sign, [pk]] for sign in self.signs]


def poll(typed: str, rest: str) -> Said:
    """Return a poll; ValidationError says what is missing."""
    question, *answers = _split(rest) or [""]
    if not question:
        raise ValidationError(f"A poll needs a question and answers. {HOW}", code="no_question")
    if not FEWEST <= len(answers) <= len(SIGNS):
        has = f"{len(answers) or 'no'} answer{'s' if len(answers) != 1 else ''}"
        raise ValidationError(f"A poll has {FEWEST} to {len(SIGNS)} answers; this one has {has}. {HOW}", code="answers")
    # A star within would end the bold words.
    lines = [f"{sign} {answer}" for sign, answer in zip(SIGNS, answers, strict=False)]
    asked = question.replace("*", "\\*")
    return Said("\n".join([f"📊 **{asked}**", *lines]), [Answers(len(answers))])


def _split(rest: str) -> list[str]:
    lines = [line.strip() for line in rest.splitlines() if line.strip()]
    if len(lines) > 1:
        parts = [line[1:-1] if QUOTED.fullmatch(line) else line for line in lines]
    else:
        parts = QUOTED.findall(rest) or lines
    return [part for each in parts if (part := " ".join(each.split()))]


def _who_puts() -> User:
    found = User.objects.filter(username=PUTS).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Bot.objects.make(PUTS, "Poll", None, is_active=False).user
        except IntegrityError:
            # Of two first polls at once, the other one has made it.
            found = User.objects.get(username=PUTS)
    return found


COMMAND = Command("poll", HELP, poll)
