"""What the composer's form says beside its text: that a draft goes with it, and that everybody may be rung."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from messaging.chats.models.posting import Addition
from messaging.messages.composing import Field
from messaging.writing import ringing
from messaging.writing.models import Draft


class Sent(Addition):
    """The end of a draft, in the transaction of the message that it became."""

    name = "draft"

    def value(self, chat: Any, author: User) -> None:
        return None

    def added(self, message: Any) -> None:
        Draft.objects.filter(user=message.author_id, chat=message.chat_id).delete()


class DraftField(Field):
    """Says whether there is a draft that the message was made of: only then is one looked for."""

    def read(self, request: HttpRequest) -> Addition | None:
        return Sent() if request.POST.get("draft") else None


class RingingField(Field):
    """Asks before everybody is rung."""

    def read(self, request: Any) -> Addition | None:
        ringing.check(request)
        return None
