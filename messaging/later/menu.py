"""The entry of a message's menu that leads to a reminder of it."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.messages.actions import Action
from messaging.messages.models import Message


def action(message: Message, user: User) -> Action:
    """Return what leads to where a reminder is made."""
    return Action("Remind me", "notifications/icons/clock.svg", reverse("message-reminder", args=[message.pk]))
