"""Search for programs."""

from typing import Annotated, Any

from ninja import Field
from typing_extensions import TypedDict

from messaging.messages.data import MessageData, data_of
from messaging.search.asking import read
from messaging.search.finding import search
from notifications.push import SignedInRequest, api

router = api.Router(tags=["Messages"])


class FoundList(TypedDict):
    """Some messages that were found, the newest first.

    `before` is what to ask for more with, null where there are none; `unknown` are the names behind `from:` and `in:`
    that nobody and no chat has.
    """

    messages: list[MessageData]
    before: Annotated[int | None, Field(description="The id of the last one, if there may be more.")]
    unknown: list[str]
    gave_up: Annotated[bool, Field(description="Whether it would have taken too long to look for all.")]


@router.get("/search", auth=api.needs("read"), response=FoundList)
def search_messages(
    request: SignedInRequest, q: str = "", before: api.Number | None = None, limit: api.Limit = 20
) -> Any:
    """What one may read of what `q` finds, written as on the page: words, "phrases", from:, in:, has:link and so on."""
    found = search(request.user, read(q), before, limit)
    return {
        "messages": [data_of(message) for message in found.messages],
        "before": found.next,
        "unknown": found.unknown,
        "gave_up": found.is_given_up,
    }
