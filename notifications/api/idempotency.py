"""Requests that may be sent again: with the same `Idempotency-Key` a second one does nothing, and is answered alike.

That nothing is done twice is left to what is done: the verbs take an id of the sender's, which the database has once.
Here is only remembered, for a day, what the key was sent with.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.core.cache import cache
from django.http import HttpRequest
from ninja import Header

from notifications.api.errors import Problem
from notifications.limits.windows import digest

A_DAY = 24 * 60 * 60
LONGEST_RUN = 60
"""Seconds after which a request that was never answered is taken for dead."""
NAMESPACE = uuid.UUID("7c5f3f43-3e5b-4d0e-9b5e-2f8f5a0f6a11")
RUNNING = "A request with this Idempotency-Key is being answered at this moment."
ANOTHER = "This Idempotency-Key was sent with something else. Use a new one for each thing that is to be done."

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,200}$",
        description="Any text of your own. Sent again within a day, the request does nothing more.",
    ),
]


@contextmanager
def once(request: HttpRequest, key: str | None, *content: Any) -> Iterator[uuid.UUID]:
    """Give an id to do something by, the same one for the same key of a person.

    `content` is all that says what is to be done. Problem 409 while another request with the key is being answered,
    422 if the key was sent with something else. What is refused has not used its key.
    """
    if key is None:
        yield uuid.uuid4()
        return
    own = digest(request.user.pk, request.path_info, key)
    running, known, mark = f"api-running:{own}", f"api-known:{own}", digest(*content)
    if not cache.add(running, mark, LONGEST_RUN):
        raise Problem(409, RUNNING)
    try:
        is_new = cache.add(known, mark, A_DAY)
        if not is_new and cache.get(known, mark) != mark:
            raise Problem(422, ANOTHER)
        try:
            yield uuid.uuid5(NAMESPACE, own)
        except Exception:
            if is_new:
                cache.delete(known)
            raise
    finally:
        cache.delete(running)
