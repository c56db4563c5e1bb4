"""The inbox: notify, read, the bell's page."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from notifications.inbox.notify import mark_read, notify
from notifications.live import streams
from notifications.models import Notification
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def soup(html: str | bytes) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_a_notification_reaches_its_person_and_nobody_else(
    alice: User, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        notification = notify(bob, "Backup finished", url="/backups/7/")
    row, toast = (assert_pushed(pushes, f"user.{bob.pk}", selector)[0] for selector in (".notification", ".bell-toast"))
    assert row["id"] == f"notification-{notification.pk}"
    assert toast.a["href"] == "/backups/7/"
    assert_not_pushed(pushes, f"user.{alice.pk}")


def test_a_key_makes_it_one_however_often(bob: User) -> None:
    assert notify(bob, "once", key="backup.7") == notify(bob, "twice", key="backup.7")
    assert notify(bob, "no key") != notify(bob, "no key")
    assert bob.inbox.notifications.count() == 3


def test_a_long_text_is_cut_to_a_line(bob: User) -> None:
    assert len(notify(bob, "x" * 5000).text) == 300


def test_every_change_of_an_inbox_takes_its_next_seq(bob: User) -> None:
    first, second = notify(bob, "one"), notify(bob, "two")
    assert (first.seq, second.seq) == (1, 2)
    assert mark_read(bob, pk=first.pk) == 1
    assert mark_read(bob, pk=first.pk) == 0, "it is read already"
    bob.inbox.refresh_from_db()
    assert bob.inbox.seq == 3


def test_reading_shows_on_all_of_ones_pages(
    bob: User, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    notification = notify(bob, "one")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        mark_read(bob)
    assert "is-unread" not in assert_pushed(pushes, f"user.{bob.pk}", f"#notification-{notification.pk}")[0]["class"]
    assert assert_pushed(pushes, f"user.{bob.pk}", "#bell-badge")[0].has_attr("hidden")
    assert_not_pushed(pushes, f"user.{bob.pk}", ".bell-toast")


def test_a_page_catches_up_with_what_came_and_what_was_read(bob: User) -> None:
    read, fresh = notify(bob, "read"), notify(bob, "fresh")
    mark_read(bob, pk=read.pk)
    caught_up = soup(streams.catch_up(f"user.{bob.pk}", 1))
    assert [row["id"] for row in caught_up.select(".notification")] == [
        f"notification-{fresh.pk}",
        f"notification-{read.pk}",
    ]
    assert len(caught_up.select(".bell-toast")) == 1
    assert caught_up.select_one("#chats"), "the list of chats comes along"
    assert caught_up.select_one(f"#cursor-user-{bob.pk}")["data-seq"] == "3"


def test_past_the_bound_the_list_fetches_itself_without_toasts(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.inbox.models.inbox.REPLAY_LIMIT", 2)
    for number in range(3):
        notify(bob, f"note {number}")
    caught_up = soup(streams.catch_up(f"user.{bob.pk}", 0))
    assert caught_up.select_one("#notifications[data-afresh][data-seq='3']")
    assert not caught_up.select(".notification, .bell-toast")
    assert len(soup(signed_in(bob).get("/notifications/").content).select(".notification")) == 3


def test_the_bell_page_lists_and_marks_as_read(alice: User, bob: User) -> None:
    theirs, mine = notify(alice, "for alice"), notify(bob, "for bob", url="/accounts/profile/")
    client = signed_in(bob)
    page = client.get("/notifications/").content.decode()
    assert "for bob" in page
    assert "for alice" not in page
    assert client.post(f"/notifications/{theirs.pk}/reading/").status_code == 404
    opened = client.post(f"/notifications/{mine.pk}/reading/")
    assert (opened.status_code, opened["Location"]) == (303, "/accounts/profile/")
    notify(bob, "another")
    assert client.post("/notifications/reading/").status_code == 303
    assert not Notification.objects.unread().filter(inbox=bob.pk).exists()
    assert Notification.objects.unread().filter(inbox=alice.pk).exists()


def test_changes_over_http_are_ones_own(alice: User, bob: User) -> None:
    notify(alice, "for alice")
    address = f"/notifications/live/user/{alice.pk}/changes/?after=0"
    assert "for alice" in signed_in(alice).get(address).content.decode()
    assert signed_in(bob).get(address).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [({"kind": "order"}, "no kind"), ({"key": "k" * 101}, "at most 100"), ({"subject": "s" * 101}, "at most 100")],
)
def test_what_no_page_could_show_is_refused(bob: User, wrong: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        notify(bob, "x", **wrong)
    assert not Notification.objects.exists()


def test_a_text_is_one_line_that_every_database_can_store(bob: User) -> None:
    assert notify(bob, "one\ntwo\0 half \ud83d").text == "one two half ?"


def test_notify_from_the_command_line(bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("notify", "bob", "Backup finished", "--url", "/backups/7/")
    assert "Notified bob" in capsys.readouterr().out
    notification = bob.inbox.notifications.get()
    assert (notification.text, notification.url) == ("Backup finished", "/backups/7/")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody", "x"), "no active person called nobody"),
        (("bob", "  "), "empty"),
        (("bob", "x", "--url", "backups"), "leads to a path"),
        (("bob", "x", "--url", "javascript:alert(1)"), "leads to a path"),
    ],
)
def test_bad_arguments_are_refused_and_change_nothing(bob: User, arguments: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("notify", *arguments)
    assert not Notification.objects.exists()
