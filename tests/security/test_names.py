"""M2, M6: nobody looks like anybody else, and no two accounts have one user name."""

from functools import partial
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from messaging.accounts import names
from messaging.accounts.people import display_name
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Name
from notifications.models import Announcement, Notification
from notifications.prose import text
from notifications.testing import assert_pushed, captured_pushes
from tests.conftest import signed_in
from tests.security.test_at_once import at_once, codes

PASSWORD = "a-good-long-one"
UNSEEN = {
    "a null": "Al\0ice",
    "a control character": "Al\x07ice",
    "a line break": "Al\nice",
    "a tab": "Al\tice",
    "a line separator": "Al\u2028ice",
    "a paragraph separator": "Al\u2029ice",
    "zero width": "Al\u200bice",
    "a joiner": "Al\u200dice",
    "right to left": "\u202eecilA",
    "an isolate": "\u2066Alice",
    "a byte order mark": "\ufeffAlice",
    "a soft hyphen": "Al\u00adice",
    "a tag": "Alice\U000e0041",
    "private use": "Alice\ue000",
    "only zero width": "\u200b",
    "a Hangul filler": "\u3164",
    "one behind a name": "Alice\u3164",
    "a half-width filler": "\uffa0",
    "blank Braille": "\u2800",
    "only marks": "\u0301\u0301",
    "a mark in front": "\u0301Alice",
    "a grapheme joiner": "Al\u034fice",
    "a variation selector": "Alice\ufe0f",
    "a non-joiner": "Al\u200cice",
    "a non-joiner behind": "علی\u200c",
    "a non-joiner in front": "\u200cعلی",
    "two of them": "علی\u200c\u200cرضا",
    "one that parts what is apart": "رضا\u200cعلی",
    "a joiner of Persian letters": "عل\u200dی",
    "one behind no character": "\u0378\u200cی",
    "many of them": "علی\u200c" * 500 + "رضا",
}
FINE = [
    "Zoë",
    "Zoe\u0308",
    "Anne-Marie O’Neill",
    "李小龍",
    "Ольга",
    "אליס",
    "علي",
    "さくら子",
    "김철수",
    "Müller 2",
    "नमस्ते",
    "علی\u200cرضا",
    "مهدی\u200cزاده",
    "क्\u200dष",
    "শ্\u200dরী",
    "ශ්\u200dරී",
    "ക്\u200cഷ",
]

pytestmark = pytest.mark.django_db


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def sign_up(username: str, first_name: str = "") -> Any:
    fields = {"username": username, "first_name": first_name, "password1": PASSWORD, "password2": PASSWORD}
    return Client().post("/accounts/signup/", fields)


@pytest.fixture
def staff(alice: User) -> Client:
    """The browser of alice, who may do everything."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return signed_in(alice)


def filled(staff: Client, page: str, **changed: object) -> Any:
    """Send a form of the administration with some fields changed."""
    form = soup(staff.get(page)).select_one("form:has([name=_save])")
    fields = {str(each["name"]): each.get("value", "") for each in form.select("input[name]:not([type=checkbox])")}
    fields |= {str(each["name"]): "on" for each in form.select("input[type=checkbox][checked]")}
    return staff.post(page, {name: value for name, value in fields.items() if name[0] != "_"} | changed)


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_in_no_name_of_a_person_or_a_room(room: Chat, alice: User, bob: User, name: str) -> None:
    browser = signed_in(alice)
    for address, fields in (
        ("/accounts/profile/", {"first_name": name}),
        ("/rooms/", {"name": name}),
        ("/chats/new/", {"name": name, "kind": "open"}),
        (f"/chats/{room.pk}/name/", {"name": name}),
    ):
        answer = browser.post(address, fields)
        assert answer.status_code == 422, address
        assert soup(answer).select_one(".errorlist"), address
    assert sign_up("dave", name).status_code == 422
    alice.refresh_from_db()
    assert alice.first_name == "Alice"
    assert set(Chat.objects.values_list("name", flat=True)) == {"General"}
    assert not User.objects.filter(username="dave").exists()


@pytest.mark.parametrize("name", ["Al\u200bice", "\u202eecilA", "\u3164", "Al\x07ice", "Alice\ue000"])
def test_nor_in_a_title_of_an_announcement_or_in_a_name_that_staff_give(staff: Client, bob: User, name: str) -> None:
    answer = staff.post("/announcements/new/", {"audience": "all", "title": name, "body": ""})
    assert answer.status_code == 422
    assert "cannot be seen" in soup(answer).select_one(".errorlist").text
    page = f"/admin/auth/user/{bob.pk}/change/"
    assert "cannot be seen" in soup(filled(staff, page, first_name=name)).text
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("name", [*UNSEEN.values(), "Alice\ud800", "\ufeff", "x" * 81])
def test_no_program_gets_it_past_either(name: str) -> None:
    with pytest.raises(ValidationError):
        text.clean_name(name, 80)


@pytest.mark.parametrize("name", FINE)
def test_names_in_all_scripts_are_taken_and_composed(alice: User, name: str) -> None:
    assert signed_in(alice).post("/accounts/profile/", {"first_name": f"  {name} "}).status_code == 303
    alice.refresh_from_db()
    assert alice.first_name == name.replace("e\u0308", "ë")
    assert (
        signed_in(alice).post("/chats/new/", {"name": f"{name} 🎉 👩\u200d💻 ❤\ufe0f", "kind": "open"}).status_code
        == 303
    )


@pytest.mark.parametrize("name", ["\u00a0", " \u3000 ", "\u2003"])
def test_a_name_of_spaces_is_none(alice: User, name: str) -> None:
    assert signed_in(alice).post("/accounts/profile/", {"first_name": name}).status_code == 303
    assert signed_in(alice).post("/rooms/", {"name": name}).status_code == 422
    alice.refresh_from_db()
    assert (alice.first_name, display_name(alice)) == ("", "alice")


@pytest.mark.parametrize("name", ["Bob @alice", "@alice", "＠alice"])
def test_no_name_says_who_it_is_by_an_at_sign(bob: User, name: str) -> None:
    answer = signed_in(bob).post("/accounts/profile/", {"first_name": name})
    assert (answer.status_code, "Leave out the @" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("username", "why"),
    [
        ("@x", "begins with a letter"),
        ("-x", "begins with a letter"),
        (".x", "begins with a letter"),
        ("+x", "begins with a letter"),
        ("_x", "begins with a letter"),
        ("аlicia", "one alphabet"),
        ("ALICE", "taken"),
        ("ａｌｉｃｅ", "taken"),
        ("al\u0131ce", "taken"),
        ("AL\u0130CE", "taken"),
        ("a1ice", "too much like @alice"),
        ("αlice", "one alphabet"),
        ("Аlice", "one alphabet"),
        ("b\u00f6b", "too much like @bob"),
        ("ЬоЬ", "too much like @bob"),
    ],
)
def test_a_user_name_that_could_be_another_s_is_refused_everywhere(
    staff: Client, bob: User, carol: User, username: str, why: str
) -> None:
    answer = sign_up(username)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    fields = {"username": username, "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert why in staff.post("/admin/auth/user/add/", fields).content.decode()
    assert why in filled(staff, f"/admin/auth/user/{carol.pk}/change/", username=username).content.decode()
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "bob", "carol"}


def test_an_old_name_keeps_nobody_from_being_changed_by_staff(staff: Client) -> None:
    odd = User.objects.create_user("@old", first_name="Al\u200bice")
    answer = filled(staff, f"/admin/auth/user/{odd.pk}/change/", is_active="")
    assert answer.status_code == 302
    odd.refresh_from_db()
    assert (odd.username, odd.first_name) == ("@old", "Al\u200bice")


@pytest.mark.parametrize(
    "name",
    ["Alice", "alice", "ALICE", "Аlice", "A1ice", "AIice", "Álice", "Al ice", "Alice.", "Αlice", "Ａlice", "𝐀lice"],
)
def test_whoever_looks_like_another_is_told_apart(alice: User, bob: User, name: str) -> None:
    assert signed_in(bob).post("/accounts/profile/", {"first_name": name}).status_code == 303
    bob, alice = User.objects.get(pk=bob.pk), User.objects.get(pk=alice.pk)
    assert display_name(bob) == f"{bob.first_name} @bob"
    assert display_name(alice) == "Alice @alice"
    bob.first_name = "Robert"
    bob.save()
    assert (display_name(User.objects.get(pk=alice.pk)), display_name(bob)) == ("Alice", "Robert")


@pytest.mark.parametrize("name", ["Оlga", "Αnna", "Alice (staff)", "Support ★", "🎉", "Alice, Bob"])
def test_whoever_has_more_than_a_name_or_mixes_scripts_shows_the_user_name(bob: User, name: str) -> None:
    signed_in(bob).post("/accounts/profile/", {"first_name": name})
    assert display_name(User.objects.get(pk=bob.pk)) == f"{name} @bob"


@pytest.mark.parametrize("name", FINE)
def test_a_name_of_one_s_own_needs_no_mark(alice: User, bob: User, name: str) -> None:
    signed_in(bob).post("/accounts/profile/", {"first_name": name})
    assert "@" not in display_name(User.objects.get(pk=bob.pk))


def test_a_name_that_is_another_s_user_name_is_marked(bob: User) -> None:
    dave = User.objects.create_user("dave")
    bob.first_name = "Dave"
    bob.save()
    assert display_name(bob) == "Dave @bob"
    dave.is_active = False
    dave.save()
    assert display_name(User.objects.get(pk=bob.pk)) == "Dave"


@pytest.mark.parametrize("how", ["leaves", "is deleted", "is renamed"])
def test_the_mark_goes_with_the_namesake(alice: User, bob: User, how: str) -> None:
    bob.first_name = "alice"
    bob.save()
    assert display_name(User.objects.get(pk=alice.pk)) == "Alice @alice"
    if how == "is deleted":
        bob.delete()
    else:
        bob.is_active, bob.first_name = how != "leaves", "Bob" if how == "is renamed" else bob.first_name
        bob.save()
    assert display_name(User.objects.get(pk=alice.pk)) == "Alice"


def test_every_place_that_shows_a_name_shows_the_mark(
    room: Chat, alice: User, bob: User, carol: User, django_capture_on_commit_callbacks: Any
) -> None:
    bob.first_name = "Alice"
    bob.save()
    with captured_pushes() as pushes, django_capture_on_commit_callbacks(execute=True):
        message = room.post(bob, "@carol hello")
        notify_about(message)
    assert assert_pushed(pushes, room.stream, ".message-mark")[0].text == "@bob"
    assert "Alice @bob in General" in assert_pushed(pushes, f"user.{carol.pk}", ".bell-toast")[0].text
    browser = signed_in(carol)
    assert browser.post("/chats/direct/", {"people": "BOB"}).status_code == 303
    direct = Chat.objects.get(kind="direct")
    page = soup(browser.get(direct.get_absolute_url()))
    assert page.select_one("#chat-name").text == "Alice @bob"
    assert page.select_one(f"#chat-title-{direct.pk}").text == "Alice @bob"
    assert soup(browser.get(room.get_absolute_url())).select_one(".message-mark").text == "@bob"
    home = soup(browser.get("/"))
    assert {"Alice @alice", "Alice @bob"} <= {
        option.text for option in soup(browser.get("/people/names/?people=alice")).select("option")
    }
    assert "Alice @bob" in home.select_one(".chip[value=bob]").text
    assert "Message from Alice @bob" in soup(browser.get(message.get_absolute_url())).h1.text
    browser.post(f"/chats/{room.pk}/joining/")
    assert "@bob" in soup(browser.get(f"/chats/{room.pk}/members/")).select_one(".rows").text
    assert signed_in(bob).post(f"/chats/{room.pk}/members/", {"people": "carol"}).status_code == 303
    private = Chat.objects.start(bob, "Launch", Chat.Kind.PRIVATE)
    signed_in(bob).post(f"/chats/{private.pk}/members/", {"people": "Carol"})
    assert Notification.objects.filter(inbox=carol.pk, text="Alice @bob invited you to Launch.").exists()


def test_marks_cost_no_query_for_each_name(room: Chat, alice: User) -> None:
    browser = signed_in(alice)
    pages = (f"/chats/{room.pk}/", f"/chats/{room.pk}/members/", "/")

    def queries() -> list[int]:
        taken = []
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                browser.get(page)
            taken.append(len(captured))
        return taken

    def more(start: int) -> None:
        for number in range(start, start + 10):
            user = User.objects.create_user(f"person{number}", first_name="Alice")
            room.post(user, "hello")
            Chat.objects.direct([alice, user])

    more(0)
    browser.get("/")
    few = queries()
    more(10)
    assert queries() == few


def test_signing_in_finds_the_account_in_any_case(bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    for typed in ("bob", "BOB", "Bob", "ｂｏｂ"):
        answer = Client().post("/accounts/login/", {"username": typed, "password": PASSWORD})
        assert answer.status_code == 302, typed
        assert Client().post("/accounts/login/", {"username": typed, "password": "wrong"}).status_code == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("typed", [["dave"] * 6, ["dave", "Dave", "DAVE", "dAVE", "daVE", "davE"]])
def test_of_six_who_take_a_user_name_at_once_one_has_it_and_five_are_told(typed: list[str]) -> None:
    answers = at_once(*(partial(sign_up, name) for name in typed))
    assert sorted(codes(answers)) == [302] + [422] * 5
    for name, answer in zip(typed, answers, strict=True):
        if codes([answer]) == [422]:
            page = soup(answer)
            assert "That user name is taken." in page.select_one(".errorlist").text
            assert page.select_one("[name=username]")["value"] == name
    assert User.objects.count() == Name.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_holds_below_the_forms() -> None:
    made = at_once(*(partial(User.objects.create_user, name) for name in ("dave", "Dave", "DAVE", "ｄave")))
    assert [type(each) for each in made].count(IntegrityError) == 3
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_name_at_once_both_are_marked(alice: User, bob: User, carol: User) -> None:
    for number in range(5):
        name = f"Dora {number}"
        browsers = [signed_in(user) for user in (alice, bob, carol)]
        at_once(*(partial(each.post, "/accounts/profile/", {"first_name": name}) for each in browsers))
        assert [display_name(user) for user in User.objects.order_by("pk")] == [
            f"{name} @{user.username}" for user in (alice, bob, carol)
        ]


@pytest.mark.parametrize("name", ["alice", "ALICE"])
def test_a_superuser_takes_nobodys_name(alice: User, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="taken"):
        call_command("createsuperuser", username=name, email="x@example.org", interactive=False, stdout=StringIO())
    call_command("createsuperuser", username="root", email="x@example.org", interactive=False, stdout=StringIO())
    assert Name.objects.get(key="root").user.is_superuser
    assert User.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_staff_make_in_the_very_moment_is_said_to_be_taken(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.accounts.forms.NamesChecked.clean_username", lambda form: "ALICE")
    fields = {"username": "ALICE", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    answer = staff.post("/admin/auth/user/add/", fields, follow=True)
    assert "That user name is taken." in answer.content.decode()
    assert User.objects.count() == 1


def test_who_signs_in_or_is_seen_makes_no_other_name(bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    User.objects.filter(pk=bob.pk).update(first_name="Somebody")
    Client().post("/accounts/login/", {"username": "bob", "password": PASSWORD})
    assert Name.objects.get(pk=bob.pk).skeleton == "bob"


def migrate(*steps: str) -> None:
    module = import_module("messaging.migrations.0006_names")
    for step in steps:
        getattr(module, step)(apps, None)


def test_accounts_of_before_go_on_and_the_first_has_the_key(alice: User) -> None:
    Name.objects.all().delete()
    twin, other = User.objects.bulk_create(
        [User(username="ALICE", first_name="Al\u200bice"), User(username="dave", first_name="Dave")]
    )
    for user in (alice, twin):
        user.set_password(PASSWORD + user.username)
        User.objects.filter(pk=user.pk).update(password=user.password)
    migrate("mend", "fill")
    assert dict(Name.objects.values_list("user__username", "key")) == {"alice": "alice", "ALICE": None, "dave": "dave"}
    people = {user.username: user for user in User.objects.all()}
    assert display_name(people["alice"]) == "Alice @alice"
    assert display_name(people["ALICE"]) == "Alice @ALICE"
    assert display_name(people["dave"]) == "Dave"
    for typed in ("alice", "ALICE"):
        answer = Client().post("/accounts/login/", {"username": typed, "password": PASSWORD + typed})
        assert answer.status_code == 302, "each signs in as before"
    people["ALICE"].is_staff = True
    people["ALICE"].save()
    people["alice"].username = "alicia"
    people["alice"].save()
    people["ALICE"].save()
    assert Name.objects.get(user=twin).key == "alice"
    assert other.pk == people["dave"].pk


@given(st.text(max_size=50))
def test_any_text_is_compared_without_an_error(name: str) -> None:
    assert names.skeleton(name) == names.skeleton(names.skeleton(name)) or not name.isascii()
    assert names.fold(name) == names.fold(name.swapcase()) or not name.isascii()
    names.is_odd(name)
