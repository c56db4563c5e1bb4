"""What a message shows of its pin, and the entry of its menu for it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.accounts.people import display_name
from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.messages.parts import Part
from messaging.pins.models import NAME


class PinPart(Part):
    """Shows above a message that it is pinned, and by whom."""

    template = "messaging/pins/_mark.html"
    is_above = True

    def wanted(self, value: dict[str, int]) -> Collection[int]:
        return [value["by"]]

    def find(self, pks: Collection[int]) -> Mapping[int, str]:
        return {user.pk: display_name(user) for user in User.objects.filter(pk__in=pks).select_related("called")}

    def context(self, value: dict[str, int], found: Mapping[int, str]) -> dict[str, Any]:
        return {"by": found.get(value["by"])}

    def data(self, value: dict[str, int]) -> Mapping[str, Any]:
        return {"pinned": True}


def action(message: Message, user: User) -> Action | None:
    """Return what pins a message or takes that away, for members of its chat."""
    if message.chat.membership_of(user) is None:
        return None
    label, is_on = ("Unpin", "0") if NAME in message.parts else ("Pin", "1")
    address = reverse("message-pin", args=[message.pk])
    return Action(label, "messaging/icons/pin.svg", address, is_post=True, name="is_on", value=is_on)
