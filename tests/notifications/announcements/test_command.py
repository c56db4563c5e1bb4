"""`manage.py announce`, from a shell."""

import io
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.utils import timezone

from messaging.models import Chat
from notifications.models import Announcement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(alice: User) -> User:
    """Alice, who is staff here."""
    alice.is_staff = True
    alice.save()
    return alice


def announce(*arguments: str) -> str:
    out = io.StringIO()
    call_command("announce", *arguments, stdout=out)
    return out.getvalue()


def test_to_everybody_now(alice: User, bob: User) -> None:
    said = announce("--all", "Fire drill", "--body", "At **ten**.")
    assert said == "“Fire drill” is queued for 2 people (Everybody): the Celery worker sends it.\n"
    announcement = Announcement.objects.get()
    assert (announcement.author, announcement.audience, announcement.body) == (alice, "all", "At **ten**.")
    assert Announcement.objects.due(timezone.now()).get() == announcement


def test_to_a_room_later_again_and_again(private: Chat, bob: User) -> None:
    bob.is_staff = True
    bob.save()
    choices = ("--at", "2030-12-24 09:00", "--every", "week", "--acknowledge", "--remind", "4", "--author", "bob")
    said = announce("--chat", "launch", "Cake", *choices)
    assert said == (
        "“Cake” will be sent to 2 people (Launch) at 2030-12-24 09:00 UTC, then every week."
        " They are asked to acknowledge it.\n"
    )
    announcement = Announcement.objects.get()
    assert (announcement.author, announcement.audience) == (bob, f"chat.{private.pk}")
    assert (announcement.every, announcement.must_acknowledge, announcement.remind_hours) == ("week", True, 4)


def test_to_a_group_with_a_body_from_a_file(bob: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Group.objects.create(name="Night shift").user_set.add(bob)
    body = tmp_path / "body.md"
    body.write_text("- one\n- two\n")
    assert "1 person (Night shift)" in announce("--group", "Night shift", "Rota", "--body-file", str(body))
    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe"))
    announce("--group", "Night shift", "Rota", "--body-file", "-")
    assert list(Announcement.objects.order_by("pk").values_list("body", flat=True)) == ["- one\n- two", "from a pipe"]


def test_a_room_is_found_by_its_number_too(private: Chat, room: Chat) -> None:
    assert "(General)" in announce("--chat", str(room.pk), "Cake")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--all",), "It needs a title."),
        (("--all", "  "), "It needs a title."),
        (("Cake",), "Say to whom, by one of --all, --group, --chat."),
        (("Cake", "--all", "--chat", "Launch"), "Say to whom"),
        (("Cake", "--group", "Ghosts"), "There is no group called Ghosts."),
        (("Cake", "--chat", "Nowhere"), "There is no chat called Nowhere."),
        (("Cake", "--chat", "999"), "There is no chat called 999."),
        (("Cake", "--chat", "9" * 30), "There is no chat called 999"),
        (("Cake", "--chat", ""), "There is no chat called ."),
        (("Cake", "--group", "Empty"), "Nobody is in there."),
        (("Cake", "--all", "--author", "bob"), "Nobody of the staff is called bob."),
        (("Cake", "--all", "--at", "2020-01-01 09:00"), "That time has passed."),
        (("Cake", "--all", "--at", "soon"), "Enter a valid date/time."),
        (("Cake", "--all", "--every", "hour"), "hour is not one of the available choices"),
        (("Cake", "--all", "--remind", "4"), "Only what must be acknowledged is reminded of."),
        (("Cake", "--all", "--acknowledge", "--remind", "often"), "Enter a whole number."),
        (("Cake", "--all", "--body", "a", "--body-file", "b"), "Give the body by --body or by --body-file."),
        (("Cake", "--all", "--body-file", "/no/such/file"), "The body cannot be read"),
        (("half \ud83d", "--all"), "characters that cannot be stored"),
        (("Cake", "--all", "--body", "half \ud83d"), "characters that cannot be stored"),
    ],
)
def test_bad_arguments_are_refused_in_one_line_and_change_nothing(
    private: Chat, arguments: tuple[str, ...], complaint: str
) -> None:
    Group.objects.create(name="Empty")
    with pytest.raises(CommandError) as refused:
        announce(*arguments)
    assert complaint in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert not Announcement.objects.exists()


def test_the_author_must_be_in_a_private_room(private: Chat, alice: User) -> None:
    private.release(alice)
    with pytest.raises(CommandError, match="alice may not announce to that"):
        announce("--chat", "Launch", "Cake")


def test_rooms_of_one_name_are_told_apart_by_their_numbers(private: Chat, bob: User) -> None:
    other = Chat.objects.start(bob, "Launch", Chat.Kind.PRIVATE)
    with pytest.raises(CommandError, match=f"more than one chat called Launch.*{private.pk}, {other.pk}"):
        announce("--chat", "Launch", "Cake")


def test_without_staff_there_is_no_author(staff: User) -> None:
    User.objects.update(is_staff=False)
    with pytest.raises(CommandError, match="There is nobody in the staff"):
        announce("--all", "Cake")
