"""What may be meant by what is typed behind an @ or a colon."""

from functools import cache

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from messaging.accounts.people import found_by
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from notifications.push import text

MOST_PEOPLE = 8
OF_A_SKIN = "_skin_tone"
"""What is in the names of those signs that are others with a colour: they are not proposed."""


def people(chat: Chat, typed: str, user: User) -> QuerySet[User]:
    """Return the active people that the user may mean, and who would hear of it: those who are in the chat first."""
    members = Membership.objects.filter(chat=chat, user=OuterRef("pk"))
    found = chat.readers().exclude(pk=user.pk).filter(found_by(typed), is_active=True).select_related("called")
    return found.annotate(is_here=Exists(members)).order_by("-is_here", "username")[:MOST_PEOPLE]


@cache
def emoji() -> list[list[str]]:
    """Return each emoji with its names: `["🎉", "tada", "party_popper"]`."""
    names: dict[str, list[str]] = {}
    for name, sign in text.signs().items():
        if OF_A_SKIN not in name:
            names.setdefault(sign, []).append(name)
    return [[sign, *called] for sign, called in names.items()]
