"""Accounts of programs: they say something under a name, and nobody ever signs in as one."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction

LONGEST_EMOJI = 40


class BotManager(models.Manager["Bot"]):
    """Makes bots."""

    def make(self, username: str, name: str, made_by: User | None, emoji: str = "", *, is_active: bool = True) -> "Bot":
        """Make an account with no password for a program; IntegrityError if the user name is taken.

        One that is not active only speaks: nobody finds it, calls it, or tells it of anything.
        """
        user = User(username=username, first_name=name, is_active=is_active)
        user.set_unusable_password()
        user.is_bot = True  # type: ignore[attr-defined]  # for `keep_name`
        with transaction.atomic():
            user.save()
            return self.create(user=user, made_by=made_by, emoji=emoji)


class Bot(models.Model):
    """A program's account: `Name.is_bot` says of it wherever its name stands that it is one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="bot")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="bots_made")
    emoji = models.CharField(max_length=LONGEST_EMOJI, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = BotManager()

    def __str__(self) -> str:
        return f"bot {self.user}"

    @property
    def stream(self) -> str:
        """By what name webhooks know it."""
        return f"bot.{self.pk}"
