"""What receivers of webhooks answer is said in the chat: once, by a bot, and to people alone."""

import json

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat
from messaging.threads.answering import thread_of
from notifications.models import Webhook, WebhookDelivery
from notifications.webhooks.answers import Answer, note_all
from tests.messaging.webhooks.test_events import recorded

pytestmark = pytest.mark.django_db(transaction=True)


def answer(text: str, status: int = 200) -> None:
    """Let whatever is waiting arrive, and be answered so."""
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING).select_related("webhook__owner")
    note_all([(delivery, Answer(1, status, text)) for delivery in waiting])


def said(chat: Chat) -> list[tuple[str, str]]:
    return [(message.sender, message.body) for message in chat.messages.select_related("author").order_by("number")]


def test_what_a_receiver_answers_is_said_in_the_chat_by_its_bot(private: Chat, bob: User, hook: Webhook) -> None:
    private.post(bob, "deploy?")
    answer('{"text": "On *its* way, <https://example.org|look>", "username": "Deploys", "icon_emoji": ":rocket:"}')
    assert said(private)[1:] == [("Deploys (bot)", "On **its** way, [look](https://example.org)")]
    author = private.messages.latest("pk").author
    assert author.called.is_bot
    assert not author.is_active
    private.post(bob, "and now?")
    answer('{"text": "Done."}')
    assert said(private)[-1] == ("example.org (bot)", "Done.")
    assert private.messages.latest("pk").author == author, "one bot speaks for a webhook"


def test_an_answer_in_a_thread_stays_there(private: Chat, alice: User, bob: User, hook: Webhook) -> None:
    thread = thread_of(private.post(alice, "Launch"))
    answer("")
    thread.post(bob, "When?")
    answer('{"text": "On Friday."}')
    assert said(thread) == [("Bob", "When?"), ("example.org (bot)", "On Friday.")]
    assert len(said(private)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "<p>Thanks</p>",
        "{}",
        "[]",
        "null",
        "7",
        '{"text": ""}',
        '{"text": 7}',
        '{"text": ["a"]}',
        '{"text": "cut',
        "\ufffd",
    ],
)
def test_most_answers_say_nothing(private: Chat, bob: User, hook: Webhook, text: str) -> None:
    private.post(bob, "Hello")
    answer(text)
    assert len(said(private)) == 1
    assert WebhookDelivery.objects.get().state == WebhookDelivery.State.DELIVERED


def test_an_answer_that_failed_says_nothing(private: Chat, bob: User, hook: Webhook) -> None:
    private.post(bob, "Hello")
    answer('{"text": "Not now."}', status=503)
    assert len(said(private)) == 1


def test_only_a_new_message_of_somebodys_is_answered(private: Chat, bob: User, hook: Webhook) -> None:
    message = private.post(bob, "Hello")
    answer("")
    message.edit("Hello all")
    answer('{"text": "I saw that."}')
    assert len(said(private)) == 1
    message.delete_body()
    answer('{"text": "That, too."}')
    assert len(said(private)) == 1


def test_bots_do_not_answer_one_another(private: Chat, bob: User, hook: Webhook) -> None:
    private.post(bob, "Hello")
    answer('{"text": "Hello!"}')
    assert [event for event, _ in recorded()] == ["message.created"] * 2, "it hears what it has said itself"
    answer('{"text": "Hello, hello!"}')
    assert [text for _, text in said(private)] == ["Hello", "Hello!"]


def test_an_event_that_is_sent_again_is_answered_once(private: Chat, bob: User, hook: Webhook) -> None:
    private.post(bob, "Hello")
    delivery = WebhookDelivery.objects.get()
    for text in ("Hello!", "Hello!", "Another time."):
        delivery.send_again()
        answer(json.dumps({"text": text}))
    assert [text for _, text in said(private)] == ["Hello", "Hello!"]


def test_a_bot_that_was_removed_says_nothing_more_and_goes_with_its_webhook(
    private: Chat, alice: User, bob: User, hook: Webhook
) -> None:
    private.post(bob, "Hello")
    answer('{"text": "Hello!"}')
    author = private.messages.latest("pk").author
    private.release(author)
    private.post(bob, "Still there?")
    answer('{"text": "Yes."}')
    assert [text for _, text in said(private)] == ["Hello", "Hello!", "Still there?"]
    private.admit(author)
    hook.delete()
    assert not private.memberships.filter(user=author).exists()
    assert said(private)[1] == ("example.org (bot)", "Hello!")
