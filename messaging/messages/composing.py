"""What a message is composed of beside its text: other rooms' fields of the composer, by the names of their parts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition


class Field:
    """One field of the composer."""

    template = ""
    """What shows it in the composer, with the field's `context`, the `chat` and the `request`."""

    def context(self, request: HttpRequest, chat: Chat) -> dict[str, Any]:
        """Return what the template is given: what was chosen already, where a form comes back."""
        return {}

    def read(self, request: HttpRequest) -> Addition | None:
        """Return what the form adds to its message, if anything; ValidationError if that cannot be."""
        return None

    def given(self, values: Mapping[str, Any]) -> Addition | None:
        """Return what a program's message adds by these `values`, if anything; raises as `read` does."""
        return None


_fields: dict[str, Field] = {}


def register(name: str, field: Field) -> None:
    """Have the composer show a field, and posting ask it what it adds."""
    _fields[name] = field


def additions(request: HttpRequest) -> list[Addition]:
    """Return all that a form adds to its message; ValidationError if one of them cannot be."""
    return [addition for field in _fields.values() if (addition := field.read(request)) is not None]


def given(values: Mapping[str, Any]) -> list[Addition]:
    """Return all that a program's message adds beside its `text`; raises as `additions` does."""
    return [addition for field in _fields.values() if (addition := field.given(values)) is not None]


def shown(request: HttpRequest, chat: Chat) -> list[tuple[str, dict[str, Any]]]:
    """Return the template of each field, and what it is given."""
    return [(field.template, field.context(request, chat)) for field in _fields.values() if field.template]
