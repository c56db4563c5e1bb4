"""Chats for programs: which there are, what one has read in them."""

from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from ninja import Field
from typing_extensions import TypedDict

from messaging.chats.models.chat import Chat
from messaging.chats.reading import note_read
from notifications.push import SignedInRequest, api

router = api.Router(tags=["Chats"])


class ChatData(TypedDict):
    """A chat. `unread` and `read_number` are null where one is no member.

    `last_number` is the number of the newest message, `seq` that of the last change to any.
    """

    id: int
    kind: Literal["open", "private", "direct", "thread"]
    title: str
    seq: int
    last_number: int
    read_number: int | None
    unread: int | None
    favourite: bool
    parent: Annotated[int | None, Field(description="The id of the chat that a thread is of.")]
    root: Annotated[int | None, Field(description="The id of the message that a thread answers.")]


class ChatList(TypedDict):
    """Some chats in the order of their ids."""

    chats: list[ChatData]
    has_more: bool


class Read(api.Given):
    """That the messages up to a number were read; from `first` on, if those before it may not have been."""

    number: api.Whole
    first: api.Whole = 0


class Unread(api.Given):
    """That the messages from a number on are unread."""

    number: api.Whole


@router.get("/chats", auth=api.needs("read"), response=ChatList)
def list_chats(
    request: SignedInRequest,
    which: Literal["mine", "open"] = "mine",
    after: api.Number = 0,
    limit: api.Limit = 50,
) -> Any:
    """The chats that one is in, or the `open` rooms that one could come into. Ask for more `after` the last id."""
    user = request.user
    found = Chat.objects.of(user) if which == "mine" else Chat.objects.joinable_by(user)
    rows = found.filter(pk__gt=after).order_by("pk")[: limit + 1].listed(user)
    return {"chats": [data_of(each, user) for each in rows[:limit]], "has_more": len(rows) > limit}


@router.get("/chats/{chat}", auth=api.needs("read"), response=ChatData)
def get_chat(request: SignedInRequest, chat: api.Number) -> ChatData:
    """One chat, or thread."""
    return one(request, chat)


@router.put("/chats/{chat}/reading", auth=api.needs("write"), response=ChatData)
def mark_read(request: SignedInRequest, chat: api.Number, read: Read) -> ChatData:
    """Note how far one has read, on all of one's pages."""
    found = get_object_or_404(Chat.objects.visible_to(request.user), pk=chat)
    note_read(request.user, found, read.number, read.first)
    return one(request, chat)


@router.put("/chats/{chat}/unread", auth=api.needs("write"), response=ChatData)
def mark_unread(request: SignedInRequest, chat: api.Number, unread: Unread) -> ChatData:
    """Mark the messages from one on as unread, on all of one's pages."""
    found = get_object_or_404(Chat.objects.visible_to(request.user), pk=chat)
    membership = found.membership_of(request.user)
    if membership is None:
        raise api.Problem(403, "Only members of a chat have something unread there.")
    membership.mark_unread(unread.number)
    return one(request, chat)


@router.put("/chats/{chat}/favourite", auth=api.needs("write"), response=ChatData)
def make_favourite(request: SignedInRequest, chat: api.Number) -> ChatData:
    """Put a chat that one is in among one's favourites."""
    return _set_favourite(request, chat, is_on=True)


@router.delete("/chats/{chat}/favourite", auth=api.needs("write"), response=ChatData)
def unmake_favourite(request: SignedInRequest, chat: api.Number) -> ChatData:
    """Take a chat from one's favourites."""
    return _set_favourite(request, chat, is_on=False)


def _set_favourite(request: SignedInRequest, pk: int, *, is_on: bool) -> ChatData:
    found = get_object_or_404(Chat.objects.of(request.user), pk=pk)
    membership = found.membership_of(request.user)
    if membership:
        membership.set_favourite(is_on)
    return one(request, pk)


def one(request: SignedInRequest, pk: int) -> ChatData:
    """Return what is said of a chat that the person may see; 404 if there is none."""
    user = request.user
    found = Chat.objects.visible_to(user).select_related("parent")
    chat: Any = get_object_or_404(found, pk=pk)
    membership = chat.membership_of(user)
    chat.read_number = membership.read_number if membership else None
    chat.is_favourite = bool(membership and membership.is_favourite)
    return data_of(chat, user)


def data_of(chat: Chat, user: User) -> ChatData:
    """Return a chat as JSON has it for somebody: a member's comes with its `read_number`."""
    read_number = getattr(chat, "read_number", None)
    return ChatData(
        id=chat.pk,
        kind=chat.kind,  # type: ignore[typeddict-item]  # one of these
        title=chat.title_for(user),
        seq=chat.seq,
        last_number=chat.last_number,
        read_number=read_number,
        favourite=getattr(chat, "is_favourite", False),
        unread=None if read_number is None else chat.last_number - read_number,
        parent=chat.parent_id,
        root=chat.root_id,
    )
