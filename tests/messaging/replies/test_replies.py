"""Replies: they quote what they answer, as it is now, lead to it, and tell its author."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.recipients import notify_about
from messaging.messages.stream import ChatStream
from messaging.models import Chat, Message, Reply
from messaging.replies.models import MOST_ANEW
from messaging.replies.part import ReplyAddition
from notifications.models import Notification
from notifications.testing import Event
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(room: Chat, alice: User) -> Message:
    found: Message = room.post(alice, "We *launch* on Friday &\n\nin June.")
    return found


def answer(message: Message, author: User, body: str = "Yes.") -> Message:
    found: Message = message.chat.post(author, body, additions=[ReplyAddition(message.pk)])
    return found


def told(user: User) -> list[tuple[str, str]]:
    """Return the kinds and addresses of what somebody's bell says."""
    return list(Notification.objects.filter(inbox__user=user).values_list("kind", "url"))


def quotes(user: User, chat: Chat) -> list[str]:
    """Return what a chat's page shows of what its messages answer."""
    page = BeautifulSoup(signed_in(user).get(chat.get_absolute_url()).content, "html.parser")
    return [" ".join(quote.text.split()) for quote in page.select("#messages .reply")]


def test_a_reply_quotes_what_it_answers_and_leads_there(message: Message, bob: User, alice: User) -> None:
    client = signed_in(bob)
    assert client.post(f"/chats/{message.chat_id}/messages/", {"body": "Yes.", "reply": message.pk}).status_code == 303
    for user in (alice, bob):
        assert quotes(user, message.chat) == ["Alice We launch on Friday & in June."]
    page = BeautifulSoup(client.get(message.chat.get_absolute_url()).content, "html.parser")
    assert page.select_one(".reply a")["href"] == f"/chats/{message.chat_id}/?at=1#message-{message.pk}"


def test_without_scripts_the_menu_leads_to_a_composer_that_answers(message: Message, bob: User) -> None:
    client = signed_in(bob)
    page = BeautifulSoup(client.get(f"/messages/{message.pk}/").content, "html.parser")
    entry = next(str(link["href"]) for link in page.select(".menu-entry") if link.text.strip() == "Reply")
    led = client.get(entry)
    assert led["Location"] == f"/chats/{message.chat_id}/?reply={message.pk}#composer"
    composer = BeautifulSoup(client.get(led["Location"]).content, "html.parser").select_one("#composer")
    assert composer.select_one("[name=reply]")["value"] == str(message.pk)
    assert "Reply to Alice We launch on Friday" in " ".join(composer.text.split())
    part = client.get(entry, headers=HTMX).content.decode()
    assert f'name="reply" value="{message.pk}"' in part


def test_what_was_refused_comes_back_with_what_it_answers(message: Message, bob: User) -> None:
    refused = signed_in(bob).post(f"/chats/{message.chat_id}/messages/", {"body": " ", "reply": message.pk})
    assert refused.status_code == 422
    page = BeautifulSoup(refused.content, "html.parser")
    assert page.select_one("#composer [name=reply]")["value"] == str(message.pk)


@pytest.mark.parametrize("reply", ["x", "0", "-1", "9" * 30, "999999", "\0"])
def test_what_is_not_there_cannot_be_answered_and_the_text_is_kept(message: Message, bob: User, reply: str) -> None:
    refused = signed_in(bob).post(f"/chats/{message.chat_id}/messages/", {"body": "my words", "reply": reply})
    assert refused.status_code == 422
    assert "What you answer is not in this chat." in refused.content.decode()
    assert "my words" in refused.content.decode()
    assert message.chat.messages.count() == 1


def test_a_message_of_another_chat_is_not_quoted(private: Chat, room: Chat, alice: User, carol: User) -> None:
    secret = private.post(alice, "only for alice and bob")
    address = f"/chats/{room.pk}/"
    refused = signed_in(carol).post(f"{address}messages/", {"body": "my words", "reply": secret.pk})
    assert refused.status_code == 422
    shown = refused.content + signed_in(carol).get(f"{address}?reply={secret.pk}").content
    assert b"only for alice and bob" not in shown
    assert b'name="reply"' not in shown


def test_only_who_may_read_a_message_is_shown_it_to_answer(private: Chat, alice: User, bob: User, carol: User) -> None:
    secret = private.post(alice, "only for alice and bob")
    former = signed_in(bob)
    private.release(bob)
    for client in (signed_in(carol), former):
        for headers in ({}, HTMX):
            assert client.get(f"/messages/{secret.pk}/reply/", headers=headers).status_code == 404


def test_the_author_of_what_is_answered_is_told_and_nobody_else(
    message: Message, alice: User, bob: User, carol: User
) -> None:
    message.chat.admit(carol)
    reply = answer(message, bob)
    notify_about(reply)
    assert (told(alice), told(bob), told(carol)) == ([("reply", reply.place)], [], [])
    notify_about(answer(reply, bob, "And more."))
    assert told(bob) == []


def test_who_has_left_is_not_told(private: Chat, alice: User, bob: User) -> None:
    message = private.post(bob, "I am going.")
    private.release(bob)
    notify_about(answer(message, alice))
    assert told(bob) == []


def test_the_author_is_told_also_when_the_reply_was_edited_before(message: Message, alice: User, bob: User) -> None:
    reply = answer(message, bob)
    reply.edit("No.")
    notify_about(reply)
    assert told(alice) == [("reply", reply.place)]


def test_the_same_form_again_makes_no_second_reply_and_another_answer_is_refused(message: Message, bob: User) -> None:
    client, form = signed_in(bob), {"body": "Yes.", "reply": message.pk, "client_id": str(uuid.uuid4())}
    address = f"/chats/{message.chat_id}/messages/"
    assert [client.post(address, form).status_code for _ in range(2)] == [303, 303]
    message.delete_body()
    assert client.post(address, form).status_code == 303
    assert client.post(address, {**form, "reply": ""}).status_code == 303
    other = message.chat.post(bob, "Other.")
    assert client.post(address, {**form, "reply": other.pk}).status_code == 422
    assert message.chat.messages.count() == 3


def test_pages_show_a_reply_anew_when_what_it_answers_is_edited_or_deleted(
    message: Message, alice: User, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    reply = answer(message, bob)
    for change, quote in (
        (lambda: message.edit("We wait."), "Alice We wait."),
        (message.delete_body, "This message was deleted."),
    ):
        before = Chat.objects.get(pk=message.chat_id).seq
        pushes.clear()
        with django_capture_on_commit_callbacks(execute=True):
            change()
        of_chat = [(event["seq"], bool(event["html"])) for event in pushes if event["group"] == message.chat.stream]
        assert sorted(of_chat) == [(before + 1, True), (before + 2, False)]
        lacked = BeautifulSoup(ChatStream().changes(message.chat_id, before + 1).html, "html.parser")
        assert [" ".join(each.text.split()) for each in lacked.select(f"#message-{reply.pk} .reply")] == [quote]
        assert quotes(alice, message.chat) == [quote]


def test_what_is_shown_anew_is_bounded(message: Message, bob: User) -> None:
    for _ in range(3):
        answer(message, bob)
    Reply.objects.all().delete()
    more = [Message(chat=message.chat, author=bob, number=number) for number in range(10, 10 + MOST_ANEW + 5)]
    for each in more:
        each.created_seq = each.changed_seq = 1
    replies = Message.objects.bulk_create(more)
    Reply.objects.bulk_create(Reply(message=each, original=message) for each in replies)
    message.edit("Anew.")
    assert Message.objects.filter(changed_seq__gt=message.changed_seq).count() == MOST_ANEW


def test_a_deleted_reply_shows_no_quote_and_is_forgotten(message: Message, bob: User, alice: User) -> None:
    reply = answer(message, bob)
    reply.delete_body()
    assert quotes(alice, message.chat) == []
    assert not Reply.objects.exists()


def test_a_page_of_replies_takes_one_query_more_than_one_of_none(message: Message, alice: User, bob: User) -> None:
    client = signed_in(alice)
    message.chat.post(bob, "Unread, as what follows is")
    client.get(message.chat.get_absolute_url())
    counts = []
    for count in (0, 1, 10):
        for _ in range(count):
            answer(message, bob)
        with CaptureQueriesContext(connection) as queries:
            client.get(message.chat.get_absolute_url())
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert counts[2] == counts[1]
