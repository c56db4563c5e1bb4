"""Messages for programs: the lists that pages show, post, look at one, edit, delete."""

import uuid
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Field, Status
from typing_extensions import TypedDict

from messaging.chats.models.chat import Chat
from messaging.messages import commands, composing
from messaging.messages.data import MessageData, data_of
from messaging.messages.models import Message
from notifications.push import SignedInRequest, api, limits

router = api.Router(tags=["Messages"])


class MessageList(TypedDict):
    """Some messages of a chat, those with lower numbers first.

    `seq` is that of the chat's last change, as of when they were read: what is changed after it is not in here.
    """

    messages: list[MessageData]
    has_more: Annotated[bool, Field(description="Whether there are others on the way that was asked for.")]
    seq: int


class NewText(api.Given):
    """What is said, as Markdown."""

    text: Annotated[str, Field(max_length=10_000), api.STORABLE]


class NewMessage(NewText):
    """A message; with a `client_id` of yours, sending it again makes no second one."""

    client_id: uuid.UUID | None = None
    reply_to: Annotated[api.Whole | None, Field(description="The id of a message of the chat.")] = None


@router.get("/chats/{chat}/messages", auth=api.needs("read"), response=MessageList)
def list_messages(
    request: SignedInRequest,
    chat: api.Number,
    before: api.Number | None = None,
    after: api.Number | None = None,
    changed_after: api.Number | None = None,
    limit: api.Limit = 50,
) -> Any:
    """The newest messages of a chat; or those `before` a number, or `after` one, which come first then.

    With `changed_after`, a `seq`, those that were posted, edited, deleted or reacted to since, the first change first.
    Ask again with the `seq` of the last one while `has_more` is true.
    """
    if sum(each is not None for each in (before, after, changed_after)) > 1:
        raise api.Problem(422, "Say one of before, after and changed_after.")
    # seq first: what changes between the two reads comes again, and is never left out.
    found: Chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=chat)
    messages = found.messages.select_related("author")
    if changed_after is not None:
        asked = messages.filter(changed_seq__gt=changed_after).order_by("changed_seq")
    elif after is not None:
        asked = messages.filter(number__gt=after).order_by("number")
    else:
        asked = (messages if before is None else messages.filter(number__lt=before)).order_by("-number")
    rows = list(asked[: limit + 1])
    listed = rows[:limit]
    if after is None and changed_after is None:
        listed.reverse()
    return {"messages": [data_of(each) for each in listed], "has_more": len(rows) > limit, "seq": found.seq}


@router.post("/chats/{chat}/messages", auth=api.needs("write"), response={201: MessageData})
def post_message(
    request: SignedInRequest, chat: api.Number, message: NewMessage, key: api.IdempotencyKey = None
) -> Status[MessageData]:
    """Post a message. Who posts in an open room is a member of it from then on.

    A text of a person's that begins with `/word` is a command, as it is in the box of a page; `//word` says it.
    """
    with api.once(request, key, message.model_dump_json()) as made_id:
        limits.take("posts", request.user.pk)
        client_id = message.client_id or made_id
        said = commands.read(chat, request.user, message.text, client_id)
        additions = [*composing.given(message.model_dump()), *said.additions]
        posted = Chat.objects.post(chat, request.user, said.body, client_id, additions)
    return Status(201, data_of(posted))


@router.get("/messages/{message}", auth=api.needs("read"), response=MessageData)
def get_message(request: SignedInRequest, message: api.Number) -> MessageData:
    """One message."""
    return data_of(visible(request, message))


@router.patch("/messages/{message}", auth=api.needs("write"), response=MessageData)
def edit_message(request: SignedInRequest, message: api.Number, text: NewText) -> MessageData:
    """Give a message of one's own another text."""
    own = _own(request, message)
    limits.take("posts", request.user.pk)
    own.edit(text.text)
    return data_of(own)


@router.delete("/messages/{message}", auth=api.needs("write"), response={204: None})
def delete_message(request: SignedInRequest, message: api.Number) -> Status[None]:
    """Delete a message of one's own: what is left is that there was one."""
    _own(request, message).delete_body()
    return Status(204, None)


def visible(request: SignedInRequest, pk: int) -> Message:
    """Return a message that the person may read, with its chat and author; 404 if there is none."""
    found = Message.objects.visible_to(request.user).select_related("chat", "author")
    message: Message = get_object_or_404(found, pk=pk)
    return message


def _own(request: SignedInRequest, pk: int) -> Message:
    message = visible(request, pk)
    if message.author_id != request.user.pk:
        raise api.Problem(403, "Only who has written a message may change it.")
    return message
