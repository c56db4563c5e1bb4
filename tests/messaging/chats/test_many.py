"""Very many people, rooms and chats: every page stays small, everything is found, and a push says what has changed."""

import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from messaging.accounts import names
from messaging.accounts.models.name import Name
from messaging.accounts.people import search
from messaging.chats import sidebar
from messaging.chats.models.membership import Membership
from messaging.models import Chat
from notifications.announcements import audiences
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
LARGEST_PAGE = 100_000
PAGES = [
    "home",
    "rooms",
    "people",
    "own-chats",
    "saved",
    "later",
    "chat-create",
    "profile",
    "notifications:inbox",
    "notifications:announcement-create",
]


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def titles(page: BeautifulSoup) -> list[str]:
    return [each.get_text(strip=True) for each in page.select(".rows .row-text strong, .rows a.row-text")]


def crowd(count: int) -> list[User]:
    people = User.objects.bulk_create(
        User(username=f"person{n:05}", first_name=f"Person Ålund {n}") for n in range(count)
    )
    Name.objects.bulk_create(
        Name(
            user=user,
            key=names.fold(user.username),
            username_skeleton=names.skeleton(user.username),
            skeleton=names.skeleton(user.first_name),
            search_key=names.search_key(user.username, user.first_name),
        )
        for user in people
    )
    return people


def fill(chat: Chat, people: list[User]) -> None:
    Membership.objects.bulk_create(Membership(chat=chat, user=user) for user in people)


def rooms(count: int, member: User | None = None, **fields: Any) -> list[Chat]:
    made = Chat.objects.bulk_create(
        Chat(name=f"Topic {n:05}", name_key=f"topic {n:05}", **fields) for n in range(count)
    )
    if member:
        Membership.objects.bulk_create(Membership(chat=chat, user=member) for chat in made)
    return made


def cost(user: User, address: str) -> tuple[int, int]:
    """Return how many queries a page takes, and how many bytes it has."""
    client = signed_in(user)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_no_page_grows_with_people_and_rooms(room: Chat, alice: User) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    addresses = [reverse(name) for name in PAGES]
    addresses += [reverse(name, args=[room.pk]) for name in ("chat", "chat-members")]
    fill(room, crowd(10))
    rooms(10, alice)
    few = {address: cost(alice, address) for address in addresses}
    Membership.objects.exclude(user=alice).delete()
    User.objects.filter(username__startswith="person").delete()
    Chat.objects.exclude(pk=room.pk).delete()
    fill(room, crowd(1_000))
    rooms(400, alice)
    many = {address: cost(alice, address) for address in addresses}
    assert {address: size for address, (_, size) in many.items() if size > LARGEST_PAGE} == {}
    assert {address: queries for address, (queries, _) in many.items() if queries > few[address][0] + 2} == {}


@pytest.mark.parametrize("typed", ["Person ålund 7", "PERSON00007", "@person00007", "  ålund   person00007 "])
def test_somebody_is_found_among_many(room: Chat, alice: User, typed: str) -> None:
    fill(room, crowd(60))
    client = signed_in(alice)
    for address in (reverse("people"), reverse("chat-members", args=[room.pk])):
        assert "Person Ålund 7" in titles(soup(client.get(address, {"q": typed})))
    options = soup(client.get(reverse("people-names"), {"people": typed})).select("option")
    assert "person00007" in [each["value"].strip() for each in options]


@pytest.mark.parametrize("typed", ["nobody of that name", "%", "_", "\\", "' or 1=1", "🙂", "x" * 150])
def test_who_is_not_there_is_not_found(room: Chat, alice: User, bob: User, typed: str) -> None:
    for address in (reverse("people"), reverse("rooms"), reverse("own-chats"), reverse("chat-members", args=[room.pk])):
        answer = signed_in(alice).get(address, {"q": typed})
        assert (answer.status_code, titles(soup(answer))) == (200, [])


def test_what_cannot_be_searched_for_is_said(room: Chat, alice: User) -> None:
    for address in (reverse("people"), reverse("rooms"), reverse("own-chats")):
        answer = signed_in(alice).get(address, {"q": "x" * 151})
        assert answer.status_code == 422
        assert soup(answer).select_one("[role=search] .errorlist")


def test_people_are_turned_page_by_page(room: Chat, alice: User, bob: User) -> None:
    fill(room, crowd(50))
    client, seen = signed_in(bob), []
    for number in (1, 2, 3):
        page = soup(client.get(reverse("chat-members", args=[room.pk]), {"page": number}))
        seen += [each.text for each in page.select(".rows li .help") if each.text.startswith("@")]
    assert len(seen) == len(set(seen)) == 52
    assert seen[0] == "@alice", "who owns the room comes first"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("bo", {"bob"}),
        ("@bo", {"bob"}),
        ("carol bo", {"carol bob"}),
        ("carol, bo", {"carol, bob"}),
        ("smi", {"bob"}),
        ("bob smi", {"bob"}),
        ("carol; Bob Smi", {"carol; bob"}),
        ("nobody", set()),
    ],
)
def test_names_are_completed_as_they_are_typed(
    alice: User, bob: User, carol: User, typed: str, completed: set[str]
) -> None:
    bob.first_name = "Bob Smith"
    bob.save()
    options = soup(signed_in(alice).get(reverse("people-names"), {"people": typed})).select("option")
    assert {each["value"] for each in options} == completed


def test_rooms_of_others_are_in_no_list(alice: User, carol: User, private: Chat) -> None:
    kept_out = Chat.objects.start(alice, "Kept out", Chat.Kind.OPEN)
    kept_out.admit(carol)
    kept_out.ban(carol, alice)
    for address in (reverse("rooms"), reverse("own-chats"), reverse("home")):
        page = signed_in(carol).get(address).content.decode()
        assert private.name not in page
        assert "Kept out" not in page
    assert signed_in(carol).get(reverse("chat-entry", args=[private.pk])).status_code == 404


def test_a_long_list_of_chats_has_what_is_unread_and_what_is_new(alice: User, bob: User) -> None:
    made = rooms(sidebar.MOST + 20, alice)
    Membership.objects.update(joined_at=timezone.now() - 2 * sidebar.JUST)
    quiet, unread, current = made[-3:]
    Membership.objects.create(chat=unread, user=bob)
    unread.post(bob, "hello")
    Chat.objects.filter(pk__in=[chat.pk for chat in made[: sidebar.MOST]]).update(said_at=timezone.now())
    shown = {entry.chat for entry in sidebar.entries(alice, current.pk)}
    assert len(shown) == sidebar.MOST
    assert {unread, current} <= shown
    assert quiet not in shown
    assert signed_in(alice).get(reverse("own-chats"), {"q": quiet.name}).content.decode().count(quiet.name) > 0


def test_a_room_that_one_has_just_come_into_is_listed_though_much_else_is_unread(alice: User, bob: User) -> None:
    made = rooms(sidebar.MOST + 20, bob)
    Chat.objects.filter(pk__in=[chat.pk for chat in made]).update(last_number=1, said_at=timezone.now())
    old, new = (Chat.objects.start(alice, name, Chat.Kind.PRIVATE) for name in ("Old", "New"))
    old.post(alice, "Before bob came.")
    for chat in (old, new):
        chat.admit(bob)
    assert {old, new} <= {entry.chat for entry in sidebar.entries(bob)}


def test_many_favourites_do_not_hide_what_is_unread(alice: User, bob: User) -> None:
    made = rooms(sidebar.MOST + 5, alice)
    Membership.objects.update(joined_at=timezone.now() - 2 * sidebar.JUST)
    *favourites, unread = made
    Membership.objects.filter(chat__in=favourites).update(is_favourite=True)
    Membership.objects.create(chat=unread, user=bob)
    unread.post(bob, "hello")
    shown = sidebar.entries(alice)
    assert len(shown) == sidebar.MOST
    assert shown[-1].chat == unread, "behind the favourites, as ever"


def test_a_conversation_is_found_by_who_is_in_it(alice: User, bob: User) -> None:
    bob.first_name = "Bob Smith"
    bob.save()
    Chat.objects.direct([alice, bob])
    assert titles(soup(signed_in(alice).get(reverse("own-chats"), {"q": "smith"}))) == ["Bob Smith"]


def comes_in(room: Chat, carol: User) -> None:
    room.admit(carol)


def leaves(room: Chat, carol: User) -> None:
    room.release(carol)


def test_who_comes_in_and_goes_is_pushed_one_entry(
    room: Chat, alice: User, carol: User, pushes: list[Event], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    rooms(30, carol)
    for deed, has_entry in ((comes_in, True), (leaves, False)):
        pushes.clear()
        with django_capture_on_commit_callbacks(execute=True):
            deed(room, carol)
        assert_pushed(pushes, f"user.{carol.pk}", f"#chat-entry-{room.pk}")
        assert_not_pushed(pushes, f"user.{alice.pk}")
        (html,) = {event["html"] for event in pushes if event["group"] == f"user.{carol.pk}"}
        assert (room.name in html) == has_entry
        assert "Topic" not in html


def test_one_of_very_many_rooms_can_be_announced_to(room: Chat, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    last = rooms(audiences.MOST_LISTED + 10, alice)[-1]
    client = signed_in(alice)
    (link,) = soup(client.get(reverse("chat-members", args=[last.pk]))).select("a[href*='announcements/new']")
    form = soup(client.get(str(link["href"])))
    (chosen,) = form.select("[name=audience] option[selected]")
    assert chosen.text == last.name
    assert client.post(reverse("notifications:announcement-create"), {"audience": chosen["value"]}).status_code == 422
    fields = {"audience": chosen["value"], "title": "Cake", "client_id": str(uuid.uuid4())}
    assert client.post(reverse("notifications:announcement-create"), fields).status_code == 303


def test_what_one_may_not_announce_to_is_not_chosen_by_an_address(private: Chat, carol: User) -> None:
    carol.is_staff = True
    carol.save()
    page = soup(signed_in(carol).get(reverse("notifications:announcement-create"), {"to": private.stream}))
    assert private.name not in page.text


def test_people_and_chats_of_before_are_found_too(room: Chat, private: Chat, alice: User) -> None:
    message = room.post(alice, "hello")
    Chat.objects.update(said_at=None)
    Name.objects.update(search_key="")
    import_module("messaging.migrations.0009_many").fill(apps, None)
    assert dict(Chat.objects.values_list("pk", "said_at")) == {room.pk: message.created_at, private.pk: None}
    assert "alice" in [user.username for user in search("alice")]
