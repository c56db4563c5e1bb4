"""S17, S20, S23: nobody floods the others, with messages, rooms, invitations, bells or sockets."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings

from messaging.chats.mentions import MOST_MENTIONED
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Message
from notifications.announcements.models.announcement import Announcement
from notifications.models import Job, Notification
from notifications.relay import process
from notifications.relay.close_codes import CloseCode
from project.settings import DEFAULT_LIMITS
from tests.conftest import signed_in
from tests.notifications.relay.test_relay import Page, session_of

ROOT = Path(__file__).parent.parent.parent


def few(name: str, times: int = 2) -> Any:
    """Allow only so many of one thing."""
    return override_settings(LIMITS={**DEFAULT_LIMITS, name: f"{times}/1h"})


def is_refused(answer: Any) -> bool:
    if answer.status_code == 429:
        assert 0 < int(answer["Retry-After"]) <= 3600
        assert "That was too often. Try again in" in answer.content.decode()
    return bool(answer.status_code == 429)


def test_every_limit_that_is_asked_for_has_a_default() -> None:
    code = [path.read_text() for app in ("messaging", "notifications") for path in (ROOT / app).rglob("*.py")]
    asked = {name for text in code for name in re.findall(r'(?:take|allowed|)\(\s*"(\w+)", ', text)}
    assert asked & set(DEFAULT_LIMITS) == set(DEFAULT_LIMITS), "and every default is asked for"
    taken = {name for text in code for name in re.findall(r'(?:take|allowed)\(\s*"(\w+)"', text)}
    assert taken <= set(DEFAULT_LIMITS)


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain form", "htmx"])
def test_who_writes_too_much_waits_and_keeps_the_text(
    room: Chat, alice: User, bob: User, headers: dict[str, str]
) -> None:
    client = signed_in(bob)

    def post(text: str) -> Any:
        form = {"body": text, "client_id": str(uuid.uuid4())}
        return client.post(f"/chats/{room.pk}/messages/", form, headers=headers)

    with few("posts"):
        answers = [post(f"number {number}") for number in range(3)]
        assert [is_refused(answer) for answer in answers] == [False, False, True]
        assert "number 2</textarea>" in answers[2].content.decode()
        assert not is_refused(signed_in(alice).post(f"/chats/{room.pk}/messages/", {"body": "and I?"}))
    assert Message.objects.filter(author=bob).count() == 2


@pytest.mark.django_db
def test_edits_count_like_messages(room: Chat, bob: User) -> None:
    message = room.post(bob, "first")
    client = signed_in(bob)
    with few("posts"):
        answers = [client.post(f"/messages/{message.pk}/", {"body": f"version {number}"}) for number in range(3)]
    assert [is_refused(answer) for answer in answers] == [False, False, True]
    message.refresh_from_db()
    assert message.body == "version 1"
    assert "version 2</textarea>" in answers[2].content.decode()


@pytest.mark.django_db
def test_somebody_makes_only_so_many_rooms_and_chats(alice: User, bob: User) -> None:
    client = signed_in(bob)
    with few("chats", 3):
        assert not is_refused(client.post("/chats/new/", {"name": "One", "kind": "open"}))
        assert not is_refused(client.post("/rooms/", {"name": "Two"}))
        assert not is_refused(client.post("/chats/direct/", {"people": "alice"}))
        refused = client.post("/chats/new/", {"name": "Three", "kind": "open"})
        assert is_refused(refused)
        assert 'value="Three"' in refused.content.decode()
        assert is_refused(client.post("/rooms/", {"name": "Four"}))
        assert is_refused(client.post("/chats/direct/", {"people": "alice"}))
    assert Chat.objects.count() == 3


@pytest.mark.django_db
def test_somebody_brings_in_only_so_many_people(private: Chat, alice: User, bob: User, carol: User) -> None:
    dave = User.objects.create_user("dave")
    client = signed_in(alice)
    with few("invitations"):
        assert not is_refused(client.post(f"/chats/{private.pk}/members/", {"people": "carol"}))
        assert is_refused(client.post(f"/chats/{private.pk}/members/", {"people": "dave, carol"}))
        assert is_refused(client.post("/chats/direct/", {"people": "bob, carol, dave"}))
    assert not private.memberships.filter(user=dave).exists()
    assert not Chat.objects.filter(kind=Chat.Kind.DIRECT).exists()


@pytest.mark.django_db
def test_exports_and_announcements_are_bounded(room: Chat, alice: User) -> None:
    client = signed_in(alice)
    with few("exports", 1):
        answers = [client.post(f"/chats/{room.pk}/exports/") for _ in range(2)]
    assert [is_refused(answer) for answer in answers] == [False, True]
    assert Job.objects.count() == 1

    User.objects.filter(pk=alice.pk).update(is_staff=True)
    form = {"audience": "all", "body": "At four."}
    with few("announcements", 1):
        answers = [client.post("/announcements/new/", {**form, "title": f"Tea {n}"}) for n in range(2)]
    assert [is_refused(answer) for answer in answers] == [False, True]
    assert 'value="Tea 1"' in answers[1].content.decode()
    assert Announcement.objects.get().title == "Tea 0"


@pytest.mark.django_db
def test_one_address_makes_only_so_many_accounts() -> None:
    def sign_up(name: str, address: str = "192.0.2.1") -> Any:
        form = {"username": name, "password1": "a-good-long-one", "password2": "a-good-long-one"}
        return Client(REMOTE_ADDR=address).post("/accounts/signup/", form)

    with few("sign_up"):
        assert not any(is_refused(sign_up(name)) for name in ("dave", "erin"))
        refused = sign_up("frank")
        assert is_refused(refused)
        assert 'value="frank"' in refused.content.decode()
        assert not is_refused(sign_up("frank", "192.0.2.2"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mail", "mail_address"])
def test_mails_are_asked_for_only_so_often_whether_there_is_anybody_or_not(bob: User, name: str) -> None:
    bob.email = "bob@example.org"
    bob.save()

    def ask(address: str) -> Any:
        return Client(REMOTE_ADDR="192.0.2.1").post("/accounts/password_reset/", {"email": address})

    for address in ("bob@example.org", "nobody@example.org"):
        cache.clear()
        with few(name):
            answers = [ask(address), ask(address.upper()), ask(address)]
        assert [is_refused(answer) for answer in answers] == [False, False, True]
        assert f'value="{address}"' in answers[2].content.decode()
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_one_message_rings_only_so_many_bells(room: Chat, bob: User) -> None:
    User.objects.bulk_create(User(username=f"outsider{number}") for number in range(MOST_MENTIONED + 10))
    message = room.post(bob, " ".join(f"@outsider{number}" for number in range(MOST_MENTIONED + 10)))
    notify_about(message)
    told = set(Notification.objects.values_list("inbox__user__username", flat=True))
    assert told == {f"outsider{number}" for number in range(MOST_MENTIONED)}


async def come(user: User, stream: str, address: str) -> Page:
    page = Page(await session_of(user), stream)
    page.socket.address = address
    process.current().add(page.socket)
    await page.until(lambda: bool(page.frames) or page.closed_with is not None)
    return page


@pytest.mark.django_db(transaction=True)
async def test_one_address_opens_sockets_only_so_often(room: Chat, alice: User, bob: User) -> None:
    with few("handshakes"):
        pages = [await come(bob, room.stream, "192.0.2.1") for _ in range(3)]
        other = await come(alice, room.stream, "192.0.2.2")
    assert [page.closed_with for page in pages] == [None, None, CloseCode.TOO_MANY]
    assert other.closed_with is None


@pytest.mark.django_db(transaction=True)
async def test_one_address_has_only_so_many_sockets_open(room: Chat, alice: User, bob: User) -> None:
    with override_settings(SOCKETS_PER_ADDRESS=2):
        first, second = [await come(user, room.stream, "192.0.2.1") for user in (alice, bob)]
        assert (await come(bob, room.stream, "192.0.2.1")).closed_with == CloseCode.TOO_MANY
        assert (await come(bob, room.stream, "192.0.2.2")).closed_with is None
        process.current().relay.remove(first.socket)
        assert (await come(bob, room.stream, "192.0.2.1")).closed_with is None
        assert second.closed_with is None
