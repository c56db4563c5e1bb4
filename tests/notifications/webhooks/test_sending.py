"""Events on their way to other programs: signed, tried again, given up, and told of."""

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from notifications import tasks
from notifications.inbox.notify import notify
from notifications.models import Inbox, Notification, Webhook, WebhookDelivery
from notifications.webhooks import answers, posting, recording, sending, upkeep
from tests.live.stack import until
from tests.notifications.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db(transaction=True)

State = WebhookDelivery.State


def hook_of(user: User, url: str, **fields: Any) -> Webhook:
    """Make a webhook of a person's inbox."""
    values = {"subject": f"user.{user.pk}", "owner": user, "url": url, "events": ["notification.created"], **fields}
    hook: Webhook = Webhook.objects.create(**values)
    Inbox.objects.update_or_create(user=user, defaults={"is_hooked": True})
    return hook


def tried(hook: Webhook) -> WebhookDelivery:
    """Have a test event sent, and return what came of it."""
    (delivery,) = recording.keep([hook], recording.TEST, {"text": "Grüße 🎉"})
    return tried_again(delivery)


def tried_again(delivery: WebhookDelivery, before: int = 0) -> WebhookDelivery:
    """Let what is due be sent, and return what came of it."""
    tasks.send_webhooks()
    until(lambda: WebhookDelivery.objects.filter(pk=delivery.pk, attempts__gt=before, tried_at__isnull=False).exists())
    delivery.refresh_from_db()
    return delivery


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(inbox=user.pk).values_list("text", flat=True))


def test_what_the_bell_tells_is_heard_by_ones_own_program_signed(alice: User, bob: User, receiver: Receiver) -> None:
    hook, other = hook_of(alice, f"{receiver.url}/in"), hook_of(bob, f"{receiver.url}/other")
    notify(alice, "Backup finished: Grüße 🎉", "/backups/7/")
    tasks.send_webhooks()
    until(lambda: hook.deliveries.filter(state=State.DELIVERED).exists())
    (request,) = receiver.at("/in")
    sent = request.verified(hook.secret)
    assert (sent["type"], sent["data"]["text"]) == ("notification.created", "Backup finished: Grüße 🎉")
    assert request.headers["content-type"] == "application/json"
    assert request.key == hook.deliveries.get().key
    assert not other.deliveries.exists(), "nobody else hears it"
    with pytest.raises(WebhookVerificationError):
        request.verified(other.secret)


def test_for_a_day_two_secrets_sign_with_one_space_between(alice: User, receiver: Receiver) -> None:
    hook = hook_of(alice, f"{receiver.url}/in")
    former = hook.secret
    hook.renew_secret()
    tried(hook)
    (request,) = receiver.at("/in")
    assert request.headers["webhook-signature"].count(" ") == 1
    assert request.verified(former) == request.verified(hook.secret)
    Webhook.objects.update(renewed_at=timezone.now() - timedelta(days=1, minutes=1))
    tried(Webhook.objects.get())
    assert " " not in receiver.at("/in")[-1].headers["webhook-signature"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/hang", "no whole answer within"), ("/drip", "no whole answer within"), ("/500", "the status 500")],
)
def test_what_did_not_arrive_is_tried_again_under_the_same_id(
    alice: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    monkeypatch.setattr(posting, "TIMES", aiohttp.ClientTimeout(total=0.7, sock_read=0.5))
    receiver.answers["/500"] = status(500, b"sorry\0")
    delivery = tried(hook_of(alice, f"{receiver.url}{path}"))
    assert (delivery.state, delivery.attempts) == (State.WAITING, 1)
    assert reason in delivery.error
    assert (delivery.milliseconds or 0) < 3000
    assert delivery.due_at
    assert timedelta(seconds=5) < delivery.due_at - timezone.now() < timedelta(seconds=13)
    until(lambda: Webhook.objects.get().failures == 1)
    receiver.answers[path] = status(204)
    WebhookDelivery.objects.update(due_at=timezone.now())
    delivery = tried_again(delivery, before=1)
    until(lambda: WebhookDelivery.objects.get().state == State.DELIVERED)
    assert [request.key for request in receiver.at(path)] == [delivery.key] * 2
    assert Webhook.objects.get().failures == 0


def test_a_receiver_that_is_away_is_tried_again(alice: User, receiver: Receiver) -> None:
    hook = hook_of(alice, "http://127.0.0.1:1/in")
    delivery = tried(hook)
    assert delivery.state == State.WAITING
    assert delivery.error.startswith("It could not be reached:")


def test_no_redirection_is_followed(alice: User, receiver: Receiver) -> None:
    receiver.answers["/in"] = status(307, Location=f"{receiver.url}/elsewhere")
    delivery = tried(hook_of(alice, f"{receiver.url}/in"))
    assert delivery.state == State.WAITING
    assert delivery.error == "It answered with a redirection (307), which is not followed."
    assert not receiver.at("/elsewhere")


def test_of_an_answer_without_end_only_the_beginning_is_read(alice: User, receiver: Receiver) -> None:
    delivery = tried(hook_of(alice, f"{receiver.url}/huge"))
    assert delivery.state == State.DELIVERED
    assert delivery.answer == "x" * posting.MOST_KEPT


def test_whoever_answers_gone_is_not_asked_again_and_the_owner_is_told(alice: User, receiver: Receiver) -> None:
    receiver.answers["/in"] = status(410)
    hook = hook_of(alice, f"{receiver.url}/in")
    tried(hook)
    until(lambda: not Webhook.objects.get().is_on)
    assert told(alice) == [f"The webhook to {hook.host} was switched off: it answered that it is gone (410)."]
    assert not WebhookDelivery.objects.exclude(due_at=None).exists(), "nothing of it is tried again"
    notify(alice, "Later")
    assert not WebhookDelivery.objects.filter(body__contains="Later").exists(), "it hears of nothing more"


@pytest.mark.parametrize(
    ("asked", "seconds"), [("3600", (3590, 3610)), ("Fri, 31 Dec 2100 23:59:59 GMT", None), ("soon", (5, 13))]
)
def test_who_asks_for_a_pause_gets_it_within_the_day(
    alice: User, receiver: Receiver, asked: str, seconds: tuple[int, int] | None
) -> None:
    receiver.answers["/in"] = status(429, Retry_After=asked)
    delivery = tried(hook_of(alice, f"{receiver.url}/in", succeeded_at=timezone.now() + timedelta(hours=1)))
    if seconds:
        assert delivery.due_at
        assert seconds[0] < (delivery.due_at - timezone.now()).total_seconds() < seconds[1]
    else:
        assert (delivery.state, delivery.due_at) == (State.FAILED, None)


def test_after_a_day_of_failures_it_is_switched_off_and_what_waits_is_not_sent(alice: User, receiver: Receiver) -> None:
    receiver.answers["/in"] = status(500)
    hook = hook_of(alice, f"{receiver.url}/in")
    (waiting,) = recording.keep([hook], recording.TEST, {})
    WebhookDelivery.objects.update(due_at=timezone.now() + timedelta(hours=1))
    (last,) = recording.keep([hook], recording.TEST, {})
    WebhookDelivery.objects.filter(pk=last.pk).update(attempts=len(answers.PAUSES))
    tried_again(last, before=len(answers.PAUSES))
    until(lambda: not Webhook.objects.get().is_on)
    assert len(told(alice)) == 1
    assert "for a day nothing has arrived" in told(alice)[0]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (State.FAILED, "The webhook was switched off.")


def test_the_pauses_fill_a_day() -> None:
    assert timedelta(hours=16) < timedelta(seconds=sum(answers.PAUSES) * 0.8)
    assert timedelta(seconds=sum(answers.PAUSES)) < answers.LONGEST


def test_what_a_killed_worker_had_begun_another_sends_under_the_same_id(alice: User, receiver: Receiver) -> None:
    """Killed, that is, between claiming and noting: what it did in between nobody can know."""
    hook = hook_of(alice, f"{receiver.url}/in")
    (delivery,) = recording.keep([hook], recording.TEST, {})
    (claimed,) = sending.claim(Counter())
    assert claimed.pk == delivery.pk
    assert not sending.claim(Counter()), "nobody else begins it meanwhile"
    WebhookDelivery.objects.update(due_at=timezone.now())
    tried_again(delivery, before=1)
    assert [request.key for request in receiver.at("/in")] == [delivery.key]


def test_twenty_that_hang_hold_up_none_of_the_others(alice: User, receiver: Receiver) -> None:
    hanging = [hook_of(alice, f"{receiver.url}/hang") for _ in range(20)]
    good = [hook_of(alice, f"{receiver.url}/{number}") for number in range(80)]
    for _ in range(sending.AT_ONCE_EACH + 1):
        recording.keep(hanging, recording.TEST, {})
    tasks.send_webhooks()
    until(lambda: len(receiver.at("/hang")) == 20 * sending.AT_ONCE_EACH)
    began_at = time.monotonic()
    recording.keep(good, recording.TEST, {})
    tasks.send_webhooks()
    until(lambda: len(receiver.received) == 80 + 20 * sending.AT_ONCE_EACH)
    assert time.monotonic() - began_at < 3, "they have not waited for any that hangs"
    receiver.ended.set()
    until(lambda: WebhookDelivery.objects.filter(tried_at=None).count() == 0)


def test_whoever_may_not_manage_it_any_more_sends_nothing(alice: User, receiver: Receiver) -> None:
    hook = hook_of(alice, f"{receiver.url}/in")
    recording.keep([hook, hook], recording.TEST, {})
    User.objects.filter(pk=alice.pk).update(is_active=False)
    tasks.send_webhooks()
    until(lambda: not Webhook.objects.get().is_on)
    assert not receiver.received
    assert len(told(alice)) == 1


def test_an_old_log_is_deleted_and_what_waits_is_not(alice: User, receiver: Receiver) -> None:
    hook = hook_of(alice, "http://127.0.0.1:1/")
    done, waiting = (recording.keep([hook], recording.TEST, {})[0] for _ in range(2))
    WebhookDelivery.objects.update(created_at=timezone.now() - upkeep.KEPT_FOR - timedelta(minutes=1))
    WebhookDelivery.objects.filter(pk=done.pk).update(due_at=None, state=State.DELIVERED)
    tasks.delete_old_webhook_deliveries()
    assert list(WebhookDelivery.objects.all()) == [waiting]


def test_telling_costs_nothing_more_where_nobody_has_a_webhook(
    alice: User, bob: User, receiver: Receiver, django_assert_num_queries: Any
) -> None:
    Inbox.objects.of(bob)
    Inbox.objects.of(alice)
    with django_assert_num_queries(11):
        notify(bob, "Without")
    hook_of(alice, receiver.url)
    with django_assert_num_queries(11):
        notify(bob, "Without")
