"""What becomes of a bot: who may change it, and what ends with it or with whoever made it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from messaging.accounts.models.bot import Bot
from messaging.chats.models.chat import Chat
from notifications.push import Token, recheck_rights


def bots_of(user: User) -> QuerySet[Bot]:
    """Return the bots that somebody has made; those that speak for hooks are changed with their hooks."""
    return Bot.objects.filter(made_by=user, hook=None).select_related("user__called")


def rename(bot: Bot, name: str) -> None:
    bot.user.first_name = name
    bot.user.save(update_fields=["first_name"])


def switch(bot: Bot, *, is_on: bool) -> None:
    """Have its tokens be good, or for nothing until it is on again; what they have opened is judged at once."""
    bot.user.is_active = is_on
    bot.user.save(update_fields=["is_active"])
    recheck_rights([bot.user.pk])


def end(bot: Bot) -> None:
    """Delete a bot; if it has said something, its account stays behind that, marked, in no chat and with no token."""
    user = bot.user
    with transaction.atomic():
        Token.objects.filter(user=user).delete()
        for chat in Chat.objects.filter(memberships__user=user):
            chat.release(user)
        if user.messages.exists():
            switch(bot, is_on=False)
            bot.made_by = None
            bot.save(update_fields=["made_by"])
        else:
            recheck_rights([user.pk])
            user.delete()


def maker_saved(instance: User, **kwargs: Any) -> None:
    """Switch the bots off of somebody who may not sign in any more: nobody answers for them."""
    if not instance.is_active:
        maker_leaves(instance)


def maker_leaves(instance: User, **kwargs: Any) -> None:
    for bot in bots_of(instance).filter(user__is_active=True):
        switch(bot, is_on=False)
