"""A room has one name, however it is written, on every database."""

from itertools import permutations
from typing import Any
from unicodedata import normalize

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from hypothesis import given
from hypothesis import strategies as st

from messaging.accounts import names
from messaging.chats.audiences import RoomAudience
from messaging.chats.sidebar import entries
from messaging.models import Chat, Membership
from tests.conftest import signed_in

SAME = {
    "composed or not": ("Café", "Cafe\u0301", "CAFÉ"),
    "umlauts": ("Äpfel", "äpfel", "A\u0308PFEL"),
    "sharp s": ("Straße", "STRASSE", "STRAẞE"),
    "Turkish": ("İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul"),
    "Greek": ("Οδός", "ΟΔΌΣ", "οδόσ"),
    "Cyrillic": ("Новости", "НОВОСТИ"),
    "full width": ("Ｎｅｗｓ ２", "news 2", "NEWS\u30002"),
    "half width": ("ｶﾞﾗｽ", "ガラス"),
    "ligatures": ("Oﬃce", "OFFICE"),
    "Hangul": ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    "Persian": ("علی\u200cرضا", "علیرضا"),
    "coloured signs": ("❤\ufe0f Team", "❤ team"),
    "spaces": ("Big  news", "big\u00a0News"),
}
OTHERS = ["General", "Generals", "Genéral", "Général", "Gener", "генерал", "3 Budget", "(3) Budget"]
SORTED = ["Apfel", "banane", "Café", "cafés", "Zebra", "Äpfel", "élan"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("spelled", SAME.values(), ids=SAME)
def test_one_open_room_has_all_spellings_of_its_name(alice: User, bob: User, spelled: tuple[str, ...]) -> None:
    for first, second in permutations(spelled, 2):
        Chat.objects.all().delete()
        assert signed_in(alice).post("/rooms/", {"name": first}).status_code == 303
        room = Chat.objects.get()
        assert signed_in(bob).post("/rooms/", {"name": second}).headers["Location"] == room.get_absolute_url()
        refused = signed_in(bob).post("/chats/new/", {"name": second, "kind": "open"})
        assert (refused.status_code, "of this name already" in refused.content.decode()) == (422, True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Chat.objects.start(bob, second, Chat.Kind.OPEN)
        assert Chat.objects.get().name == normalize("NFC", " ".join(first.split()))
        assert RoomAudience().find(second) == [room.pk]


@pytest.mark.parametrize("spelled", SAME.values(), ids=SAME)
def test_no_room_is_renamed_to_another_spelling_of_another_s_name(alice: User, spelled: tuple[str, ...]) -> None:
    Chat.objects.start(alice, spelled[0], Chat.Kind.OPEN)
    other = Chat.objects.start(alice, "Other", Chat.Kind.OPEN)
    assert signed_in(alice).post(f"/chats/{other.pk}/name/", {"name": spelled[1]}).status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        other.rename(spelled[1], alice)
    assert set(Chat.objects.values_list("name", flat=True)) == {spelled[0], "Other"}


def test_a_room_may_change_the_spelling_of_its_own_name_and_leave_one_to_others(alice: User, bob: User) -> None:
    room = Chat.objects.start(alice, "äpfel", Chat.Kind.OPEN)
    for name in ("Äpfel", "Birnen"):
        assert signed_in(alice).post(f"/chats/{room.pk}/name/", {"name": name}).status_code == 303
    assert signed_in(bob).post("/chats/new/", {"name": "ÄPFEL", "kind": "open"}).status_code == 303
    assert set(Chat.objects.values_list("name", flat=True)) == {"Birnen", "ÄPFEL"}


def test_rooms_of_other_names_are_others(alice: User) -> None:
    for name in OTHERS:
        assert signed_in(alice).post("/chats/new/", {"name": name, "kind": "open"}).status_code == 303, name
    assert set(Chat.objects.values_list("name", flat=True)) == set(OTHERS)


def test_private_rooms_of_one_name_are_several_and_lead_to_one_s_own(alice: User, bob: User) -> None:
    mine = Chat.objects.start(alice, "Büro", Chat.Kind.PRIVATE)
    theirs = Chat.objects.start(bob, "BÜRO", Chat.Kind.PRIVATE)
    assert signed_in(alice).post("/rooms/", {"name": "büro"}).headers["Location"] == mine.get_absolute_url()
    assert signed_in(bob).post("/rooms/", {"name": "büro"}).headers["Location"] == theirs.get_absolute_url()


def test_rooms_stand_in_the_order_of_their_names_in_any_case(alice: User, bob: User) -> None:
    for name in reversed(SORTED):
        Chat.objects.start(alice, name, Chat.Kind.OPEN)
    assert [entry.title for entry in entries(alice)] == SORTED
    if connection.vendor == "sqlite":  # PostgreSQL sorts by the rules of the language that it was set up with.
        assert [chat.name for chat in Chat.objects.joinable_by(bob)] == SORTED
        assert [name for _, name in RoomAudience().choices(alice)] == SORTED


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(name: str) -> None:
    assert names.fold(names.fold(name)) == names.fold(name)


@pytest.fixture
def before_keys(transactional_db: None) -> Any:
    """The database as it was before names had keys; what it holds goes through all migrations since."""
    executor = MigrationExecutor(connection)
    executor.migrate([("messaging", "0005_whole_links")])
    yield executor.loader.project_state([("messaging", "0005_whole_links")]).apps
    migrate()


def migrate() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "messaging"])


@pytest.mark.django_db(transaction=True)
def test_rooms_of_before_all_stay_and_can_be_told_apart(before_keys: Any) -> None:
    rooms = before_keys.get_model("messaging", "Chat").objects
    alike = ["Straße", "STRASSE", "Gene\u200bral", "General", "Café", "Cafe\u0301", "\u2800", "istanbul", "ıstanbul"]
    pks = [rooms.create(name=name, kind="open").pk for name in alike]
    trap = rooms.create(name=f"strasse {pks[1]}", kind="open").pk
    private = rooms.create(name="straße", kind="private").pk
    people = before_keys.get_model("auth", "User").objects
    alice = people.create(username="alice", first_name="\u202eecilA\n@bob")
    irem, twin = people.create(username="irem"), people.create(username="ırem")
    before_keys.get_model("messaging", "Membership").objects.create(chat_id=pks[1], user_id=alice.pk)
    migrate()
    found = dict(Chat.objects.values_list("pk", "name"))
    assert found.pop(trap) == f"strasse {pks[1]}"
    assert found.pop(private) == "straße"
    assert list(found.values()) == [
        "Straße",
        f"STRASSE {pks[1] + 1}",
        f"General {pks[2]}",
        "General",
        "Café",
        f"Café {pks[5]}",
        f"Room {pks[6]}",
        "istanbul",
        f"ıstanbul {pks[8]}",
    ]
    assert all(chat.name_key == names.fold(chat.name) for chat in Chat.objects.all())
    assert Membership.objects.get().chat_id == pks[1]
    assert User.objects.get(pk=alice.pk).first_name == "ecilA bob"
    assert {user.pk: user.called.key for user in User.objects.exclude(pk=alice.pk)} == {irem.pk: "irem", twin.pk: None}
