"""L13: whoever is removed from a room is kept out of it until its owner lets them in again."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from messaging.chats.audiences import RoomAudience
from messaging.chats.sidebar import entries
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership
from notifications.live import streams
from notifications.models import Notification
from notifications.testing import Event, assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

KINDS = ("room", "private")
Capture = Callable[..., object]


@pytest.fixture(params=KINDS)
def chat(request: pytest.FixtureRequest) -> Chat:
    """A room that bob was removed from by alice; carol was never in it."""
    chat: Chat = request.getfixturevalue(request.param)
    chat.post(request.getfixturevalue("bob"), "while I was here")
    owner = signed_in(request.getfixturevalue("alice"))
    bob = request.getfixturevalue("bob")
    assert owner.post(f"/chats/{chat.pk}/members/{bob.pk}/removal/").status_code == 303
    return chat


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/chats/{chat}/"),
        ("get", "/chats/{chat}/?before=2"),
        ("get", "/notifications/live/chat/{chat}/changes/?after=0"),
        ("post", "/chats/{chat}/messages/"),
        ("post", "/chats/{chat}/reading/"),
        ("post", "/chats/{chat}/joining/"),
        ("post", "/chats/{chat}/leaving/"),
        ("post", "/chats/{chat}/level/"),
        ("get", "/chats/{chat}/members/"),
        ("post", "/chats/{chat}/members/"),
        ("post", "/chats/{chat}/members/{alice}/removal/"),
        ("post", "/chats/{chat}/members/{bob}/return/"),
        ("get", "/chats/{chat}/name/"),
        ("post", "/chats/{chat}/exports/"),
        ("get", "/messages/{message}/"),
        ("post", "/messages/{message}/"),
        ("delete", "/messages/{message}/"),
    ],
)
def test_who_was_removed_finds_nothing_there(
    chat: Chat, alice: User, bob: User, carol: User, method: str, address: str
) -> None:
    where = address.format(chat=chat.pk, alice=alice.pk, bob=bob.pk, message=chat.messages.get().pk)
    fields = {"body": "back again", "people": "carol bob", "name": "Mine", "level": "all", "number": "1"}
    assert getattr(signed_in(bob), method)(where, fields).status_code == 404
    assert [message.body for message in chat.messages.all()] == ["while I was here"]
    assert list(chat.memberships.values_list("user", flat=True)) == [alice.pk]


def test_the_box_of_names_does_not_lead_in(room: Chat, alice: User, bob: User) -> None:
    room.ban(bob, alice)
    answer = signed_in(bob).post("/rooms/", {"name": "GENERAL"})
    assert answer.status_code == 422
    assert 'value="GENERAL"' in answer.content.decode()
    assert "You cannot go into that room" in answer.content.decode()
    assert room.membership_of(bob) is None
    assert "General" not in text(signed_in(bob), "/")


def test_nothing_lists_or_follows_it_for_them(chat: Chat, alice: User, bob: User, carol: User) -> None:
    assert entries(bob) == []
    assert chat not in Chat.objects.joinable_by(bob)
    assert (bob.pk, chat.pk) not in Chat.objects.visible_pairs([(bob.pk, chat.pk), (alice.pk, chat.pk)])
    kind = streams.get("chat")
    assert kind.groups([(bob.pk, chat.pk)]) == {}
    assert bob not in RoomAudience().users(chat.pk, timezone.now())
    assert str(chat) not in dict(RoomAudience().choices(bob)).values()


def test_their_bell_hears_no_more_of_it(chat: Chat, alice: User, bob: User, carol: User) -> None:
    message = chat.post(alice, "@bob cannot hear @carol")
    notify_about(message)
    message.edit("@bob still not")
    assert not Notification.objects.filter(inbox=bob.pk).exists()
    assert Notification.objects.filter(inbox=carol.pk).exists() == (chat.kind == Chat.Kind.OPEN)


def test_what_their_bell_has_said_is_not_told_anew_but_goes_when_it_is_deleted(
    room: Chat, alice: User, bob: User
) -> None:
    message = room.post(alice, "@bob first")
    notify_about(message)
    room.ban(bob, alice)
    message.edit("@bob second")
    assert "first" in Notification.objects.get(inbox=bob.pk).text
    message.delete_body()
    assert "first" not in Notification.objects.get(inbox=bob.pk).text


def test_open_pages_lose_it_at_once(
    private: Chat, alice: User, bob: User, django_capture_on_commit_callbacks: Capture
) -> None:
    with captured_pushes() as pushes, django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        private.ban(bob, alice)
    events: list[Event] = pushes
    assert_pushed(events, f"user.{bob.pk}", f"#chat-entry-{private.pk}")
    assert "Launch" not in "".join(event.get("html", "") for event in events)
    assert any(event.get("event") == "recheck" or "recheck" in str(event) for event in events)


def test_members_cannot_invite_them_and_are_told_why(chat: Chat, alice: User, bob: User, carol: User) -> None:
    chat.admit(carol)
    for member in (alice, carol):
        answer = signed_in(member).post(f"/chats/{chat.pk}/members/", {"people": "bob"})
        assert answer.status_code == 422
        assert "Kept out of this room until its owner lets them in again: bob." in answer.content.decode()
        assert 'value="bob"' in answer.content.decode()
    assert not chat.memberships.filter(user=bob).exists()
    assert not Notification.objects.filter(inbox=bob.pk).exists()


def test_its_owner_sees_who_is_kept_out_and_lets_them_in_again(chat: Chat, alice: User, bob: User, carol: User) -> None:
    chat.admit(carol)
    members = f"/chats/{chat.pk}/members/"
    assert "Let in again" in text(signed_in(alice), members)
    assert "Let in again" not in text(signed_in(carol), members)
    assert "@bob" not in text(signed_in(carol), members)
    assert signed_in(carol).post(f"{members}{bob.pk}/return/").status_code == 403
    assert signed_in(alice).post(f"{members}{bob.pk}/return/").status_code == 303
    assert chat.membership_of(bob) is None, "they may come; they are not brought"
    assert "Let in again" not in text(signed_in(alice), members)
    assert signed_in(alice).post(members, {"people": "bob"}).status_code == 303
    assert signed_in(bob).get(f"/chats/{chat.pk}/").status_code == 200


def test_who_has_left_by_themselves_is_not_kept_out(room: Chat, bob: User) -> None:
    signed_in(bob).post(f"/chats/{room.pk}/leaving/")
    assert signed_in(bob).post(f"/chats/{room.pk}/joining/").status_code == 303
    assert room.membership_of(bob)


@pytest.mark.parametrize("who", ["alice", "carol", "nobody"])
def test_nobody_removes_themselves_or_who_is_not_there(room: Chat, alice: User, who: str) -> None:
    user = User.objects.filter(username=who).first()
    assert signed_in(alice).post(f"/chats/{room.pk}/members/{user.pk if user else 999}/removal/").status_code == 404
    assert room.membership_of(alice).is_owner
    assert not room.bans.exists()


def test_an_owner_who_was_replaced_meanwhile_removes_and_renames_nobody_and_nothing(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    room.release(alice)
    room.admit(alice)
    room.admit(carol)
    for deed in (lambda: room.ban(carol, alice), lambda: room.rename("Mine", alice), lambda: room.lift_ban(bob, alice)):
        with pytest.raises(Chat.DoesNotExist):
            deed()
    assert room.membership_of(carol)
    assert Chat.objects.get(pk=room.pk).name == "General"


def test_who_is_gone_cannot_invite(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.ban(bob, alice)
    for outsider in (bob, carol):
        with pytest.raises(Chat.DoesNotExist):
            room.invite(carol, outsider)
    assert room.membership_of(carol) is None


def test_an_owner_who_leaves_is_not_followed_by_somebody_kept_out(room: Chat, alice: User, bob: User) -> None:
    room.ban(bob, alice)
    room.release(alice)
    assert not room.memberships.exists()
    assert room.bans.get().user == bob


def test_a_ban_goes_with_the_person_and_with_the_room(room: Chat, private: Chat, alice: User, bob: User) -> None:
    room.ban(bob, alice)
    private.ban(bob, alice)
    room.delete()
    bob.delete()
    assert not Membership.with_banned.filter(banned_at__isnull=False).exists()


def test_the_administration_shows_and_lifts_bans(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.ban(bob, alice)
    carol.is_staff = carol.is_superuser = True
    carol.save()
    page = f"/admin/messaging/chat/{room.pk}/change/"
    assert "banned_at" in text(signed_in(carol), page)
    rows = list(Membership.with_banned.order_by("pk"))
    fields: dict[str, object] = {"memberships-TOTAL_FORMS": 3, "memberships-INITIAL_FORMS": 2}
    for number, row in enumerate(rows):
        fields |= {
            f"memberships-{number}-{name}": getattr(row, f"{name}_id", row.pk) for name in ("id", "chat", "user")
        }
        fields[f"memberships-{number}-level"] = row.level
    # The same person once more is told, not an error of the site.
    again = {"memberships-2-user": bob.pk, "memberships-2-chat": room.pk, "memberships-2-level": "all"}
    assert signed_in(carol).post(page, fields | again).status_code == 200
    assert signed_in(carol).post(page, fields | {"memberships-TOTAL_FORMS": 2}).status_code == 302
    assert room.membership_of(bob)
