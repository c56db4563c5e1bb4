"""What can be done with a message: other rooms' entries of its menu. The page of a message has the same ones."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from django.contrib.auth.models import User

from messaging.messages.models import Message


class Action(NamedTuple):
    """An entry of a message's menu: a link to `address`, or a form that posts `value` as `name` there.

    The page stays where it is, unless the form `is_leading` to another.
    """

    label: str
    icon: str
    address: str
    is_post: bool = False
    name: str = ""
    value: str = ""
    is_leading: bool = False


Maker: TypeAlias = Callable[[Message, User], Action | None]

_makers: list[Maker] = []


def register(make: Maker) -> None:
    """Have every menu show the action that `make` returns for a message and its reader, unless it is None."""
    _makers.append(make)


def of(message: Message, user: User) -> list[Action]:
    """Return what somebody can do with a message that they may read and that is not deleted."""
    return [action for make in _makers if (action := make(message, user))]
