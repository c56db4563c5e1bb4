"""Wherever people are named, they are found however their name is written, and told apart."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from messaging.accounts.people import display_name
from messaging.models import Chat, Invitation, Name
from notifications.announcements import sending
from notifications.models import Announcement, Notification
from tests.conftest import signed_in

PASSWORD = "a-good-long-one"
SPELLINGS = {
    "capitals": ("bob", "BOB"),
    "as a phone writes it": ("bob", "Bob "),
    "blanks around it": ("bob", "  bob\u00a0"),
    "zero width": ("bob", "bob\u200b"),
    "a mark of direction": ("bob", "\u200ebob\u2069"),
    "a byte order mark": ("bob", "\ufeffbob"),
    "full width": ("bob", "ｂｏｂ"),
    "umlauts": ("jürgen", "JÜRGEN"),
    "decomposed": ("rené", "Rene\u0301"),
    "sharp s": ("strauß", "STRAUSS"),
    "a Turkish phone": ("irem", "İrem"),
    "dotless": ("ayşıl", "AYŞIL"),
    "Greek": ("νίκος", "ΝΊΚΟΣ"),
    "Cyrillic": ("ольга", "Ольга"),
}
SAME_NAMES = ["Sam Lee", "SAM LEE", "Säm Lee", "Sam Lee.", "Ｓam Lee"]

pytestmark = pytest.mark.django_db


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


@pytest.mark.parametrize(("username", "typed"), SPELLINGS.values(), ids=SPELLINGS)
def test_an_account_is_found_however_its_name_is_typed(alice: User, username: str, typed: str) -> None:
    user = User.objects.create_user(username, password=PASSWORD)
    answer = Client().post("/accounts/login/", {"username": typed, "password": PASSWORD})
    assert answer.status_code == 302
    browser = signed_in(alice)
    for people in (typed, f"@{typed}", f"＠{typed.strip()}", f"{typed},"):
        answer = browser.post("/chats/direct/", {"people": people})
        assert answer.headers.get("Location") == Chat.objects.direct([alice, user]).get_absolute_url(), people
    room = Chat.objects.start(alice, "Room", Chat.Kind.PRIVATE)
    assert browser.post(f"/chats/{room.pk}/members/", {"people": typed}).status_code == 303
    assert room.membership_of(user)
    answer = Client().post(
        "/accounts/signup/", {"username": typed, "password1": PASSWORD + "x", "password2": PASSWORD + "x"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "typed", ["Bob Ray", "bob ray", "BOB  RAY", "carol, Bob Ray", "Bob Ray; carol", "@carol,bob ray,"]
)
def test_people_are_written_to_by_the_name_that_lists_show(alice: User, bob: User, carol: User, typed: str) -> None:
    bob.username, bob.first_name = "robert", "Bob Ray"
    bob.save()
    others = [bob, carol] if "carol" in typed else [bob]
    answer = signed_in(alice).post("/chats/direct/", {"people": typed})
    assert answer.headers.get("Location") == Chat.objects.direct([alice, *others]).get_absolute_url()


def test_a_user_name_goes_before_a_name_that_is_only_shown(alice: User, bob: User, carol: User) -> None:
    carol.first_name = "Bob"
    carol.save()
    answer = signed_in(alice).post("/chats/direct/", {"people": "Bob"})
    assert answer["Location"] == Chat.objects.direct([alice, bob]).get_absolute_url()


def test_of_several_with_one_name_it_is_asked_who_is_meant(alice: User, bob: User, carol: User) -> None:
    for user in (bob, carol):
        user.first_name = "Sam Lee"
        user.save()
    answer = signed_in(alice).post("/chats/direct/", {"people": "sam lee"})
    said = soup(answer).select_one(".errorlist").text
    assert (answer.status_code, "@bob" in said, "@carol" in said) == (422, True, True)
    assert soup(answer).select_one("input[name=people]")["value"] == "sam lee"
    assert not Chat.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("bob dave", "called dave."),
        ("Dave Ray", "called Dave Ray."),
        ("bob, Dave Ray, eve", "called Dave Ray, eve."),
        ("gone", "called gone."),
        ("Gone Away", "called Gone Away."),
        ("@", "called that."),
        ("\u200b", "called"),
    ],
)
def test_whom_nobody_is_called_is_said(alice: User, bob: User, typed: str, said: str) -> None:
    User.objects.create_user("gone", first_name="Gone Away", is_active=False)
    answer = signed_in(alice).post("/chats/direct/", {"people": typed})
    assert (answer.status_code, said in soup(answer).select_one(".errorlist").text) == (422, True)


@pytest.mark.parametrize("second", SAME_NAMES)
def test_two_of_one_name_are_told_apart_in_every_list(alice: User, bob: User, carol: User, second: str) -> None:
    for user, name in ((bob, "Sam Lee"), (carol, second)):
        user.first_name = name
        user.save()
    both = {"Sam Lee @bob", f"{User.objects.get(pk=carol.pk).first_name} @carol"}
    chats = [Chat.objects.direct([alice, user]) for user in (bob, carol)]
    browser = signed_in(alice)
    home = soup(browser.get("/"))
    assert {each.text for each in home.select("#chats .chat-title")} == both
    assert both <= {each.text for each in soup(browser.get("/people/names/?people=lee")).select("option")}
    own = soup(browser.get("/chats/mine/"))
    assert {each.text for each in own.select(".row-text strong")} == both
    titles = {soup(browser.get(chat.get_absolute_url())).title.text.removesuffix(" · Bellwire") for chat in chats}
    assert titles == both
    for user, chat in zip((bob, carol), chats, strict=True):
        said = browser.post(f"/chats/{chat.pk}/leaving/", follow=True)
        assert f"You have left {display_name(User.objects.get(pk=user.pk))}." in soup(said).text


def test_two_of_one_name_are_told_apart_by_an_invitation(alice: User, bob: User) -> None:
    for user in (alice, bob):
        user.first_name, user.is_staff = "Sam Lee", True
        user.save()
    invitation = Invitation.objects.make(bob)
    page = Client().get(f"/accounts/signup/{invitation.token}/")
    assert "Sam Lee @bob has invited you." in soup(page).text


@pytest.mark.parametrize("typed", ["JÜRG", "jürgen", "Jürgen K", "jurgen", "ölm", "ÖLM"])
def test_staff_find_people_in_any_case(alice: User, typed: str) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    User.objects.create_user("jürgen", first_name="Jürgen Kölmel")
    User.objects.create_user("dave", first_name="Dave")
    rows = soup(signed_in(alice).get("/admin/auth/user/", {"q": typed})).select("#result_list tbody tr")
    assert [row.select_one(".field-username").text for row in rows] == ["jürgen"]


@pytest.mark.parametrize("typed", ["JÜRG", "kölM", "JÜRGEN", "KÖLMEL"])
def test_staff_find_people_on_a_roll_in_any_case(alice: User, typed: str) -> None:
    alice.is_staff = True
    alice.save()
    User.objects.create_user("jürgen", first_name="Jürgen Kölmel")
    announcement = Announcement.objects.announce(alice, audience="all", title="Drill", body="", first_at=timezone.now())
    sending.begin_due()
    delivery = announcement.deliveries.get()
    sending.send_chunk(delivery.pk)
    page = soup(signed_in(alice).get(f"/announcements/rolls/{delivery.pk}/", {"q": typed}))
    assert [row.text for row in page.select(".row-text strong")] == ["Jürgen Kölmel"]


@pytest.mark.parametrize(("username", "typed"), SPELLINGS.values(), ids=SPELLINGS)
def test_commands_find_people_however_they_are_written(alice: User, username: str, typed: str) -> None:
    user = User.objects.create_user(username, is_staff=True)
    call_command("notify", typed, "Backup finished", stdout=StringIO())
    assert Notification.objects.get(inbox=user.pk).text == "Backup finished"
    call_command("announce", "Drill", "--all", "--body", "At ten.", "--author", typed, stdout=StringIO())
    assert Announcement.objects.get().author == user
    Authenticator.objects.create(user=user, type="totp", data={})
    call_command("reset_second_factor", typed, stdout=StringIO())
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("typed", ["ÄPF", "äpfel", "a\u0308pfel"])
def test_staff_find_rooms_in_any_case(alice: User, typed: str) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    for name in ("Äpfel", "Birnen"):
        Chat.objects.start(alice, name, Chat.Kind.OPEN)
    rows = soup(signed_in(alice).get("/admin/messaging/chat/", {"q": typed})).select("#result_list tbody tr")
    assert [row.select_one("th").text for row in rows] == ["Äpfel"]


def test_a_name_with_joiners_is_another_s_without_them(alice: User, bob: User) -> None:
    for user, name in ((alice, "علی\u200cرضا"), (bob, "علیرضا")):
        assert signed_in(user).post("/accounts/profile/", {"first_name": name}).status_code == 303
    assert [display_name(user).split()[-1] for user in User.objects.order_by("pk")] == ["@alice", "@bob"]
    assert Name.objects.filter(is_shared=True).count() == 2
