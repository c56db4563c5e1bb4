"""What is said in a room, heard by other programs: each change once, and at no cost where nobody listens."""

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.messages.data import data_of
from messaging.models import Chat, Message
from messaging.reactions.part import react
from messaging.threads.answering import thread_of
from notifications.models import Webhook, WebhookDelivery
from notifications.push import webhooks
from tests.messaging.webhooks.conftest import ALL, hooked

pytestmark = pytest.mark.django_db(transaction=True)


def recorded() -> list[tuple[str, Any]]:
    """Return what was recorded, and what it says."""
    rows = WebhookDelivery.objects.order_by("pk").values_list("event", "body")
    return [(event, json.loads(body)["data"]) for event, body in rows]


def test_every_change_of_a_message_is_recorded_as_it_is_then(private: Chat, bob: User, hook: Webhook) -> None:
    message = private.post(bob, "Hello :tada:")
    assert recorded() == [("message.created", data_of(Message.objects.get()))]
    message.edit("Hello all")
    react(message, bob, "👍")
    react(message, bob, "👍", True)
    message.delete_body()
    events = recorded()
    assert [event for event, _ in events] == [*ALL[:2], ALL[3], ALL[2]]
    assert events[1][1]["text"] == "Hello all"
    assert events[2][1]["reactions"] == [{"emoji": "👍", "count": 1, "users": [bob.pk]}]
    assert (events[3][1]["text"], events[3][1]["deleted"]) == ("", True)
    body = json.loads(WebhookDelivery.objects.earliest("pk").body)
    assert list(body) == ["type", "timestamp", "data"]
    assert body["timestamp"].endswith("Z")


def test_only_what_a_webhook_wants_is_recorded(private: Chat, bob: User, hook: Webhook) -> None:
    Webhook.objects.update(events=["message.deleted"])
    private.post(bob, "Hello").delete_body()
    assert [event for event, _ in recorded()] == ["message.deleted"]


def test_a_thread_is_heard_where_its_room_is(private: Chat, room: Chat, bob: User, hook: Webhook) -> None:
    message = private.post(bob, "What about lunch?")
    thread = thread_of(message)
    thread.post(bob, "Noon")
    assert [(event, data["chat"]) for event, data in recorded()][1:] == [
        ("message.created", thread.pk),
    ]


def test_another_rooms_messages_are_not_heard(private: Chat, room: Chat, bob: User, hook: Webhook) -> None:
    room.post(bob, "Elsewhere")
    assert not recorded()


def test_what_is_refused_or_sent_twice_is_not_recorded(private: Chat, bob: User, carol: User, hook: Webhook) -> None:
    client_id = uuid.uuid4()
    private.post(bob, "Once", client_id)
    private.post(bob, "Once", client_id)
    with pytest.raises(Chat.DoesNotExist):
        private.post(carol, "Let me in")
    with pytest.raises(ValidationError):
        private.post(bob, "")
    assert len(recorded()) == 1


def test_what_is_undone_is_not_recorded(private: Chat, bob: User, hook: Webhook) -> None:
    with transaction.atomic():
        private.post(bob, "Hello")
        transaction.set_rollback(True)
    assert not recorded()


def queries(chat: Chat, author: User) -> int:
    """Return how many queries it takes to post, edit, react to and delete a message."""
    with CaptureQueriesContext(connection) as found:
        message = chat.post(author, "Hello")
        message.edit("Hello all")
        react(message, author, "👍")
        message.delete_body()
    return len(found)


def test_where_there_is_none_no_query_asks_for_webhooks(private: Chat, room: Chat, alice: User, bob: User) -> None:
    private.post(bob, "First")
    with CaptureQueriesContext(connection) as found:
        message = private.post(bob, "Hello")
        message.edit("Hello all")
        react(message, bob, "👍")
        message.delete_body()
    assert not [query["sql"] for query in found.captured_queries if "notifications_webhook" in query["sql"]]
    without = queries(private, bob)
    hooked(room, alice)
    assert queries(private, bob) == without, "nor where others have some"
    hooked(private, alice)
    assert queries(private, bob) == without + 4 * 2, "where there is one, each change asks once and writes once"


def test_the_webhooks_of_a_deleted_room_are_gone(private: Chat, hook: Webhook) -> None:
    Chat.objects.get(pk=private.pk).delete()
    assert not Webhook.objects.exists()


def test_after_the_last_was_deleted_nothing_is_asked_any_more(private: Chat, hook: Webhook) -> None:
    found = webhooks.find(private.stream)
    assert found
    with transaction.atomic():
        hook.delete()
        found[0].note(private.pk)
    private.refresh_from_db()
    assert not private.is_hooked
