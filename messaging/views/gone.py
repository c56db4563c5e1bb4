"""What is deleted while somebody asks for it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpResponse

from messaging.models import Chat, Message
from notifications.http import SignedInRequest

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[SignedInRequest, Arguments], HttpResponse]


def gone_is_not_found(view: View[Arguments]) -> View[Arguments]:
    """Answer as if it had never been there, where the view's chat or message is deleted in the middle of its work."""

    @wraps(view)
    def wrapper(request: SignedInRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Chat.DoesNotExist, Message.DoesNotExist):
            raise Http404 from None

    return wrapper
