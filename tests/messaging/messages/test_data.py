"""A message as JSON: all that is shown of it, in one form, at no cost beside that of reading it."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from messaging.attachments.posting import Files
from messaging.attachments.uploading import receive
from messaging.forwards.part import ForwardAddition, content
from messaging.links.part import in_text
from messaging.messages.data import MessageData, data_of
from messaging.models import Chat, Message
from messaging.pins.models import pin
from messaging.reactions.part import react
from messaging.replies.part import ReplyAddition
from messaging.threads.answering import AlsoInChat, thread_of

pytestmark = pytest.mark.django_db
HOST = settings.SITE_URL


@pytest.fixture
def message(room: Chat, alice: User) -> Message:
    found: Message = room.post(alice, "We *launch* on Friday.")
    return found


def data(message: Message) -> Any:
    """Return what is said of it to who reads it now."""
    return data_of(Message.objects.select_related("author").get(pk=message.pk))


def test_it_says_what_pages_show(message: Message, alice: User) -> None:
    found = data(message)
    created = message.created_at.isoformat().replace("+00:00", "Z")
    assert found == {
        "id": message.pk,
        "chat": message.chat_id,
        "number": 1,
        "seq": message.chat.seq,
        "author": {"id": alice.pk, "username": "alice", "name": "Alice"},
        "text": "We *launch* on Friday.",
        "html": "<p>We <em>launch</em> on Friday.</p>\n",
        "created_at": created,
        "edited_at": None,
        "deleted": False,
        "client_id": str(message.client_id),
        "url": f"{HOST}/messages/{message.pk}/",
        "reply_to": None,
        "copy_of": None,
        "thread": None,
        "forward": None,
        "reactions": [],
        "files": [],
        "links": [],
        "pinned": False,
    }


def test_it_says_what_else_is_in_a_message(message: Message, alice: User, bob: User) -> None:
    room = message.chat
    react(message, alice, "🎉")
    react(message, bob, "🎉")
    pin(message, bob)
    answer = thread_of(message).post(bob, "In June?", additions=[AlsoInChat()])
    found = data(message)
    assert found["reactions"] == [{"emoji": "🎉", "count": 2, "users": [alice.pk, bob.pk]}]
    assert found["pinned"] is True
    last_at = answer.created_at.isoformat().replace("+00:00", "Z")
    assert found["thread"] == {"chat": answer.chat_id, "count": 1, "last_at": last_at}
    assert data(room.messages.get(number=2))["copy_of"] == answer.pk
    assert data(room.post(bob, "Yes.", additions=[ReplyAddition(message.pk)]))["reply_to"] == message.pk
    sent_on = room.post(bob, "", additions=[ForwardAddition(content(message) or {})])
    assert data(sent_on)["forward"] == {"id": message.pk, "author": alice.pk, "html": message.html}
    body = f"See {HOST}{message.place}"
    assert data(room.post(bob, body, additions=[in_text(body)]))["links"] == [message.pk]


def test_it_says_which_files_a_message_has(room: Chat, alice: User) -> None:
    file = receive(room, alice, SimpleUploadedFile("plan.txt", b"Launch on Friday", "text/plain"))
    message = room.post(alice, "", additions=[Files([file.pk], {str(file.pk): "The plan"})])
    assert data(message)["files"] == [
        {
            "key": str(file.pk),
            "name": "plan.txt",
            "type": "text/plain",
            "kind": "file",
            "size": 16,
            "alt": "The plan",
            "url": f"{HOST}/api/v1/files/{file.pk}",
            "page": f"{HOST}/files/{file.pk}/",
        }
    ]


def test_of_one_that_was_deleted_nothing_is_left_but_what_stays_on_pages(message: Message, bob: User) -> None:
    react(message, bob, "🎉")
    thread_of(message).post(bob, "In June?")
    message.delete_body()
    found = data(message)
    assert (found["deleted"], found["text"], found["html"], found["reactions"]) == (True, "", "", [])
    assert found["thread"]["count"] == 1


def test_its_fields_are_those_that_its_type_says(message: Message) -> None:
    assert list(data(message)) == list(MessageData.__annotations__)


def test_many_cost_one_query(message: Message, bob: User, django_assert_num_queries: Any) -> None:
    for number in range(20):
        react(message.chat.post(bob, f"Message {number}"), bob, "👍")
    with django_assert_num_queries(1):
        found = [data_of(each) for each in message.chat.messages.select_related("author")]
    assert len(found) == 21
