"""Threads for programs: look whether a message has one, and answer in it."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Status

from messaging.chats import api as chats
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import clean
from messaging.messages import commands, composing
from messaging.messages.api import NewMessage, visible
from messaging.messages.data import MessageData, data_of
from messaging.threads.answering import thread_of
from notifications.push import SignedInRequest, api, limits

router = api.Router(tags=["Threads"])


class NewAnswer(NewMessage):
    """An answer in a thread; with `also_in_chat` it is sent to the thread's chat, too."""

    also_in_chat: api.Yes = False


@router.get("/messages/{message}/thread", auth=api.needs("read"), response=chats.ChatData)
def get_thread(request: SignedInRequest, message: api.Number) -> chats.ChatData:
    """The thread of a message: a chat, which has the answers as its messages."""
    thread = get_object_or_404(Chat.objects.visible_to(request.user), root=message)
    return chats.one(request, thread.pk)


@router.post("/messages/{message}/thread", auth=api.needs("write"), response={201: MessageData})
def answer_in_thread(
    request: SignedInRequest, message: api.Number, answer: NewAnswer, key: api.IdempotencyKey = None
) -> Status[MessageData]:
    """Answer in the thread of a message, which the first answer makes."""
    root = visible(request, message)
    begun = Chat.objects.filter(root=root).first()
    if root.chat.is_thread or (root.deleted_at and not begun):
        raise Http404
    with api.once(request, key, answer.model_dump_json()) as made_id:
        limits.take("posts", request.user.pk)
        client_id = answer.client_id or made_id
        # Before the thread is made: what cannot be said makes none.
        said = commands.read(root.chat_id, request.user, answer.text, client_id)
        additions = [*composing.given(answer.model_dump()), *said.additions]
        text = clean(said.body, additions)
        thread = begun or thread_of(root)
        posted = thread.post(request.user, text, client_id, additions)
    return Status(201, data_of(posted))
