"""Lets go of the bots of hooks that are gone."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete

from messaging.hooks.models import Hook


def register() -> None:
    post_delete.connect(forget_bot, sender=Hook)


def forget_bot(instance: Hook, **kwargs: Any) -> None:
    """Delete the account of a hook that is gone, unless something that it has said is there."""
    found = User.objects.filter(pk=instance.bot_id, messages=None)
    transaction.on_commit(found.delete, robust=True)
