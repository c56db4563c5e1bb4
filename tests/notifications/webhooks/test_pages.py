"""The pages of webhooks, for those who may manage them and for everybody else."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from messaging.models import Chat
from notifications import tasks
from notifications.models import Inbox, Webhook, WebhookDelivery
from tests.conftest import signed_in
from tests.live.stack import until
from tests.notifications.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = ["message.created", "message.edited"]


def made(client: Client, name: str, url: str, *events: str) -> Webhook:
    """Make a webhook by the form."""
    answer = client.post(reverse("notifications:webhooks", args=[name]), {"url": url, "events": events or EVENTS})
    assert answer.status_code == 303
    return Webhook.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def pages(hook: Webhook, delivery: WebhookDelivery) -> dict[str, str]:
    """Return the addresses of a webhook, with what opens them."""
    of: list[tuple[str, list[int | str], str]] = [
        (name, [hook.pk], "post") for name in ("webhook-switch", "webhook-secret", "webhook-test", "webhook-deletion")
    ]
    of += [("webhooks", [hook.subject], "get"), ("webhooks", [hook.subject], "post")]
    of += [("webhook", [hook.pk], "get"), ("webhook", [hook.pk], "post")]
    of += [("webhook-delivery", [delivery.pk], "get"), ("webhook-sending", [delivery.pk], "post")]
    return {f"{method} {reverse(f'notifications:{name}', args=args)}": method for name, args, method in of}


def test_an_owner_makes_one_tries_it_and_sends_again(alice: User, room: Chat, receiver: Receiver) -> None:
    client = signed_in(alice)
    members = client.get(reverse("chat-members", args=[room.pk])).content.decode()
    assert reverse("notifications:webhooks", args=[room.stream]) in members
    receiver.answers["/in"] = status(500, b"<b>sorry</b>")
    hook = made(client, room.stream, f"{receiver.url}/in")
    answer = client.post(reverse("notifications:webhook-test", args=[hook.pk]))
    delivery = hook.deliveries.get()
    assert (answer.status_code, answer["Location"]) == (303, delivery.get_absolute_url())
    tasks.send_webhooks()
    until(lambda: Webhook.objects.get().failures == 1)
    page = BeautifulSoup(client.get(delivery.get_absolute_url()).content, "html.parser").get_text()
    assert "<b>sorry</b>" in page
    assert "It answered with the status 500." in page
    receiver.answers["/in"] = status(200)
    assert client.post(reverse("notifications:webhook-sending", args=[delivery.pk])).status_code == 303
    WebhookDelivery.objects.update(state="failed")
    client.post(reverse("notifications:webhook-sending", args=[delivery.pk]))
    tasks.send_webhooks()
    until(lambda: hook.deliveries.get().state == "delivered")
    assert [request.key for request in receiver.at("/in")] == [delivery.key] * 2


def test_a_persons_own_inbox_has_its_own(alice: User, bob: User, receiver: Receiver) -> None:
    client = signed_in(alice)
    assert reverse("notifications:own-webhooks") in client.get(reverse("profile")).content.decode()
    client.post(reverse("notifications:own-webhooks"), {"url": receiver.url, "events": ["notification.created"]})
    assert Webhook.objects.get().subject == f"user.{alice.pk}"
    assert Inbox.objects.get(pk=alice.pk).is_hooked
    for name in (f"user.{alice.pk}", "user.0", "chat.999999", "nothing.1", "user", "members.1", "user.x"):
        assert signed_in(bob).get(reverse("notifications:webhooks", args=[name])).status_code == 404
    client.post(reverse("notifications:webhook-deletion", args=[Webhook.objects.get().pk]))
    assert not Inbox.objects.get(pk=alice.pk).is_hooked


@pytest.mark.parametrize("who", ["a member", "a former owner", "an outsider", "nobody"])
def test_it_is_nobody_elses(alice: User, bob: User, carol: User, private: Chat, receiver: Receiver, who: str) -> None:
    hook = made(signed_in(alice), private.stream, f"{receiver.url}/in")
    signed_in(alice).post(reverse("notifications:webhook-test", args=[hook.pk]))
    delivery = hook.deliveries.get()
    client = {"a member": signed_in(bob), "an outsider": signed_in(carol), "nobody": Client()}.get(
        who, signed_in(alice)
    )
    if who == "a former owner":
        private.release(alice)
        assert private.membership_of(bob).is_owner
    before = Webhook.objects.values().get()
    for page, method in pages(hook, delivery).items():
        answer = getattr(client, method)(page.split()[1], {"url": "https://example.org/", "events": EVENTS})
        assert answer.status_code == (302 if who == "nobody" else 404), page
    assert Webhook.objects.values().get() == before


def test_a_hook_of_a_former_owner_hears_nothing_more(alice: User, bob: User, private: Chat, receiver: Receiver) -> None:
    made(signed_in(alice), private.stream, f"{receiver.url}/in")
    private.release(alice)
    private.post(bob, "Only for us")
    tasks.send_webhooks()
    until(lambda: not Webhook.objects.get().is_on)
    assert not receiver.received
    hook = Webhook.objects.get()
    signed_in(bob).post(reverse("notifications:webhook-switch", args=[hook.pk]), {"is_on": "1"})
    private.post(bob, "For the new owner's program")
    tasks.send_webhooks()
    until(lambda: receiver.received)
    assert "For the new owner" in receiver.received[0].verified(hook.secret)["data"]["text"]


def test_the_secret_is_shown_and_made_anew(alice: User, room: Chat, receiver: Receiver) -> None:
    client = signed_in(alice)
    hook = made(client, room.stream, receiver.url)
    assert hook.secret in client.get(hook.get_absolute_url()).content.decode()
    client.post(reverse("notifications:webhook-secret", args=[hook.pk]))
    shown = client.get(hook.get_absolute_url()).content.decode()
    assert hook.secret not in shown
    assert Webhook.objects.get().secret in shown


def test_it_is_changed_and_switched_off_and_on(alice: User, bob: User, room: Chat, receiver: Receiver) -> None:
    client = signed_in(alice)
    hook = made(client, room.stream, receiver.url)
    form = {"url": f"{receiver.url}/new", "events": ["message.deleted"]}
    assert client.post(hook.get_absolute_url(), form).status_code == 303
    changed = Webhook.objects.get()
    assert (changed.url, changed.events) == (f"{receiver.url}/new", ["message.deleted"])
    client.post(reverse("notifications:webhook-switch", args=[hook.pk]), {"is_on": "0"})
    assert not Webhook.objects.get().is_on
    room.post(bob, "unheard").delete_body()
    assert not WebhookDelivery.objects.exists()
    client.post(reverse("notifications:webhook-switch", args=[hook.pk]), {"is_on": "1"})
    room.post(bob, "heard").delete_body()
    assert list(WebhookDelivery.objects.values_list("event", flat=True)) == ["message.deleted"]


@pytest.mark.parametrize(
    "form",
    [
        {"url": ""},
        {"url": "gopher://example.org", "events": EVENTS},
        {"url": "https://example.org/\0", "events": EVENTS},
        {"url": "https://example.org/", "events": ["message.sung"]},
        {"url": "https://example.org/"},
        {"url": "https://10.0.0.1/", "events": EVENTS},
    ],
)
def test_what_makes_no_webhook_is_shown_again_with_the_reason(
    alice: User, room: Chat, settings: Any, form: dict[str, Any]
) -> None:
    client = signed_in(alice)
    answer = client.post(reverse("notifications:webhooks", args=[room.stream]), form)
    assert answer.status_code == 422
    assert BeautifulSoup(answer.content, "html.parser").select(".errorlist")
    assert not Webhook.objects.exists()
    hook = Webhook.objects.create(subject=room.stream, owner=alice, url="https://example.org/", events=EVENTS)
    assert client.post(hook.get_absolute_url(), form).status_code == 422
    assert Webhook.objects.get().url == "https://example.org/"


def test_too_many_are_refused(alice: User, room: Chat, receiver: Receiver) -> None:
    Webhook.objects.bulk_create(Webhook(subject=room.stream, owner=alice, url=receiver.url) for _ in range(20))
    answer = signed_in(alice).post(
        reverse("notifications:webhooks", args=[room.stream]), {"url": receiver.url, "events": EVENTS}
    )
    assert answer.status_code == 422
    assert "Delete one of them first" in answer.content.decode()


def test_who_tries_too_often_is_told_so(alice: User, room: Chat, receiver: Receiver, settings: Any) -> None:
    settings.LIMITS = {"webhooks": "2/1h"}
    client = signed_in(alice)
    hook = made(client, room.stream, receiver.url)
    client.post(reverse("notifications:webhook-test", args=[hook.pk]))
    answer = client.post(reverse("notifications:webhook-test", args=[hook.pk]), follow=True)
    assert "That was too often." in answer.content.decode()
    assert hook.deliveries.count() == 1


def test_a_long_log_costs_as_much_as_a_short_one(
    alice: User, room: Chat, receiver: Receiver, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(alice)
    hook = made(client, room.stream, receiver.url)
    WebhookDelivery.objects.bulk_create(WebhookDelivery(webhook=hook, event="message.created") for _ in range(50))
    with django_assert_max_num_queries(17):
        page = client.get(hook.get_absolute_url())
    assert "Page 1 of 3" in page.content.decode()


def test_forms_ask_for_a_token(alice: User, room: Chat, receiver: Receiver) -> None:
    hook = made(signed_in(alice), room.stream, receiver.url)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    (delivery,) = [hook.deliveries.create(event="message.created", state="failed", due_at=None)]
    for page, method in pages(hook, delivery).items():
        if method == "post":
            assert client.post(page.split()[1]).status_code == 403, page
