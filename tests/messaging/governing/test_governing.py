"""Rooms are kept in order by owners and moderators, others are told that they may not, and open pages follow."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.chats import sidebar
from messaging.chats.models.order import ANNOUNCING, ARCHIVED
from messaging.chats.models.people import LAST_OWNER
from messaging.governing.removing import remove_message
from messaging.hooks.models import Hook
from messaging.messages.stream import ChatStream
from messaging.models import Bot, Chat, Membership
from messaging.threads.answering import AlsoInChat, thread_of
from notifications.models import Token
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
Role = Membership.Role


def say(user: User, chat: Chat, where: str, **fields: Any) -> Any:
    return signed_in(user).post(f"/chats/{chat.pk}/{where}/", fields)


def page_of(user: User, address: str) -> str:
    return " ".join(BeautifulSoup(signed_in(user).get(address).content, "html.parser").get_text().split())


def told(answer: Any) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request)]


def role_of(user: User, chat: Chat) -> str | None:
    membership = chat.membership_of(user)
    return membership.role if membership else None


def fresh(chat: Chat) -> Chat:
    return Chat.objects.get(pk=chat.pk)


DECISIONS = [
    ("room/about", {"topic": "Tea", "description": ""}),
    ("room/writing", {"slow_seconds": "5"}),
    ("room/archive", {"is_on": "1"}),
    ("room/kind", {"kind": "open"}),
    ("members/BOB/role", {"role": "owner"}),
    ("members/ALICE/removal", {}),
    ("members/ALICE/return", {}),
]


@pytest.mark.parametrize(("where", "fields"), DECISIONS)
def test_a_member_is_refused_and_an_outsider_finds_nothing(
    private: Chat, alice: User, bob: User, carol: User, where: str, fields: dict[str, str]
) -> None:
    where = where.replace("BOB", str(bob.pk)).replace("ALICE", str(alice.pk))
    before = Chat.objects.values().get(pk=private.pk)
    answer = say(bob, private, where, **fields)
    assert (answer.status_code, "can do that." in answer.content.decode()) == (403, True)
    assert say(carol, private, where, **fields).status_code == 404
    assert Chat.objects.values().get(pk=private.pk) == before
    assert (role_of(alice, private), role_of(bob, private)) == (Role.OWNER, Role.MEMBER)


@pytest.mark.parametrize(("where", "fields"), DECISIONS)
def test_no_conversation_is_governed(alice: User, bob: User, where: str, fields: dict[str, str]) -> None:
    where = where.replace("BOB", str(bob.pk)).replace("ALICE", str(alice.pk))
    pair = Chat.objects.direct([alice, bob])
    assert say(alice, pair, where, **fields).status_code == 404


def test_roles_are_given_and_taken_by_owners_alone(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.admit(carol)
    say(alice, room, f"members/{bob.pk}/role", role="moderator")
    assert role_of(bob, room) == Role.MODERATOR
    assert "Moderator" in page_of(carol, f"/chats/{room.pk}/members/")
    assert say(bob, room, f"members/{carol.pk}/role", role="moderator").status_code == 403
    say(alice, room, f"members/{bob.pk}/role", role="owner")
    say(bob, room, f"members/{alice.pk}/role", role="member")
    assert (role_of(alice, room), role_of(bob, room)) == (Role.MEMBER, Role.OWNER)
    assert told(say(bob, room, f"members/{carol.pk}/role", role="king")) == ["Choose owner, moderator or member."]
    assert role_of(carol, room) == Role.MEMBER


def test_the_last_owner_neither_steps_down_nor_leaves_without_naming_another(
    room: Chat, alice: User, bob: User
) -> None:
    why = [LAST_OWNER % {"room": "General"}]
    assert told(say(alice, room, f"members/{alice.pk}/role", role="member")) == why
    assert told(say(alice, room, "leaving")) == why
    assert role_of(alice, room) == Role.OWNER
    say(alice, room, f"members/{bob.pk}/role", role="owner")
    say(alice, room, "leaving")
    assert (role_of(alice, room), role_of(bob, room)) == (None, Role.OWNER)
    say(bob, room, "leaving")
    assert not room.memberships.exists(), "nobody is left whom an owner could name"


def test_a_bot_is_a_moderator_and_no_owner(room: Chat, alice: User) -> None:
    bot = Bot.objects.make("deploys", "Deploys", alice).user
    room.admit(bot)
    say(alice, room, f"members/{bot.pk}/role", role="moderator")
    say(alice, room, f"members/{bot.pk}/role", role="owner")
    assert role_of(bot, room) == Role.MODERATOR


@pytest.mark.parametrize("has_moderator", [True, False])
def test_an_owner_whose_account_is_deleted_is_followed_at_once(
    room: Chat, alice: User, bob: User, carol: User, has_moderator: bool, django_capture_on_commit_callbacks: Capture
) -> None:
    room.admit(carol)
    if has_moderator:
        room.set_role(carol, Role.MODERATOR, alice)
    with django_capture_on_commit_callbacks(execute=True):
        alice.delete()
    assert role_of(carol if has_moderator else bob, room) == Role.OWNER
    assert room.memberships.filter(is_owner=True).count() == 1


def test_moderators_remove_members_but_nobody_with_a_role(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.admit(carol)
    room.set_role(bob, Role.MODERATOR, alice)
    assert say(bob, room, f"members/{alice.pk}/removal").status_code == 404
    say(bob, room, f"members/{carol.pk}/removal")
    assert room.membership_of(carol) is None
    say(bob, room, f"members/{carol.pk}/return")
    assert room.admit(carol).role == Role.MEMBER


def test_a_removed_moderator_comes_back_as_a_member(room: Chat, alice: User, bob: User) -> None:
    room.set_role(bob, Role.MODERATOR, alice)
    room.ban(bob, alice)
    room.lift_ban(bob, alice)
    assert room.admit(bob).role == Role.MEMBER


def test_a_topic_and_a_description_are_shown_and_escaped(room: Chat, alice: User, bob: User) -> None:
    room.set_role(bob, Role.MODERATOR, alice)
    said = {"topic": "Tea <b>at four</b>", "description": "# Rules\n\n<script>bad()</script> **be kind**"}
    assert say(bob, room, "room/about", **said).status_code == 303
    chat = BeautifulSoup(signed_in(alice).get(f"/chats/{room.pk}/").content, "html.parser")
    assert chat.select_one(".topic").text == "Tea <b>at four</b>"
    about = BeautifulSoup(signed_in(alice).get(f"/chats/{room.pk}/room/").content, "html.parser")
    assert [each.text for each in about.select(".prose strong")] == ["be kind"]
    assert not about.select(".prose script")


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("room/about", {"topic": "x" * 201, "description": "kept words"}),
        ("room/about", {"topic": "kept words", "description": "x" * 10_001}),
        ("room/about", {"topic": "kept words", "description": "\0"}),
        ("room/writing", {"slow_seconds": "-1"}),
        ("room/writing", {"slow_seconds": "9" * 30}),
        ("room/writing", {"slow_seconds": "kept words"}),
    ],
)
def test_what_cannot_be_is_said_with_the_text_kept(room: Chat, alice: User, where: str, fields: dict[str, str]) -> None:
    answer = say(alice, room, where, **fields)
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (422, True)
    if "kept words" in fields.values():
        assert "kept words" in answer.content.decode()
    assert fresh(room).state_seq == 0


def test_a_topic_goes_to_the_open_pages_of_its_room_and_no_others(
    private: Chat, room: Chat, alice: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        private.describe("Top secret", "", alice)
    (topic,) = assert_pushed(pushes, private.stream, f"#topic-{private.pk}")
    assert (topic.text, topic["data-seq"]) == ("Top secret", str(private.seq))
    assert {event["group"] for event in pushes} == {private.stream}
    assert_not_pushed(pushes, room.stream)
    assert "Top secret" in ChatStream().changes(private.pk, private.seq - 1).html, "a page that missed it is told"
    assert "Top secret" not in ChatStream().changes(private.pk, private.seq).html


def test_an_archived_room_refuses_what_is_said_by_whatever_way(room: Chat, alice: User, bob: User) -> None:
    hook, bot = Hook.objects.make(room, "Deploys", alice), Bot.objects.make("helper", "Helper", alice)
    room.admit(bot.user)
    _, secret = Token.objects.issue(bot.user, "bot", ["read", "write"])
    message, said = room.post(bob, "before"), room.last_number
    thread = thread_of(message)
    room.archive(alice)
    answer = say(bob, room, "messages", body="too late")
    assert (answer.status_code, ARCHIVED in answer.content.decode(), "too late" in answer.content.decode()) == (
        422,
        True,
        True,
    )
    assert say(alice, room, "messages", body="/poll Tea? Yes, No").status_code == 422
    bearer = {"Authorization": f"Bearer {secret}"}
    by_api = signed_in(bob).post(
        f"/api/v1/chats/{room.pk}/messages", {"text": "x"}, content_type="application/json", headers=bearer
    )
    assert (by_api.status_code, ARCHIVED in by_api.content.decode()) == (422, True)
    by_hook = signed_in(bob).post(f"/hooks/{hook.token}/", {"text": "x"}, content_type="application/json", secure=True)
    assert (by_hook.status_code, ARCHIVED in by_hook.content.decode()) == (422, True)
    with pytest.raises(ValidationError, match="archived"):
        thread.post(bob, "in a thread")
    edit = signed_in(bob).post(f"/messages/{message.pk}/", {"body": "after"})
    assert (edit.status_code, ARCHIVED in edit.content.decode()) == (422, True)
    assert fresh(room).last_number == said
    room.archive(alice, is_on=False)
    assert say(bob, room, "messages", body="again").status_code == 303


def test_a_form_that_was_answered_before_the_archive_is_answered_so_again(room: Chat, alice: User, bob: User) -> None:
    form = {"body": "in time", "client_id": str(uuid.uuid4())}
    assert say(bob, room, "messages", **form).status_code == 303
    room.archive(alice)
    assert say(bob, room, "messages", **form).status_code == 303
    assert room.messages.count() == 1


def test_an_archived_room_is_in_no_list_but_that_of_archived_ones_and_is_found(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    room.post(bob, "pineapple")
    room.archive(alice)
    assert [entry.title for entry in sidebar.entries(bob)] == []
    assert "General" not in page_of(carol, "/rooms/all/")
    assert "General" in page_of(carol, "/rooms/all/?archived=1")
    assert "General" not in page_of(carol, "/")
    assert "pineapple" in page_of(bob, "/search/?q=pineapple")
    assert "pineapple" in page_of(bob, f"/chats/{room.pk}/")


def test_archiving_is_told_to_open_pages_and_to_members_lists_alone(
    private: Chat, alice: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        private.archive(alice)
    (state,) = assert_pushed(pushes, private.stream, f"#room-state-{private.pk}")
    assert state["data-closed"] == "all"
    assert_pushed(pushes, f"members.{private.pk}", f"#chat-entry-{private.pk}")
    assert {event["group"] for event in pushes} == {private.stream, f"members.{private.pk}"}


def test_in_a_room_of_announcements_only_who_keeps_it_in_order_writes(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    room.set_role(bob, Role.MODERATOR, alice)
    say(alice, room, "room/writing", is_announcing="on", slow_seconds="0")
    answer = say(carol, room, "messages", body="me too")
    assert (answer.status_code, ANNOUNCING in answer.content.decode()) == (422, True)
    assert room.membership_of(carol) is None, "who is refused does not come in by that"
    assert say(bob, room, "messages", body="hear").status_code == 303
    message = fresh(room).messages.get()
    with pytest.raises(ValidationError):
        thread_of(message).post(carol, "me too")


def test_in_slow_mode_a_member_waits_and_is_told_how_long(room: Chat, alice: User, bob: User) -> None:
    room.let_write(is_announcing=False, slow_seconds=60, by=alice)
    assert say(bob, room, "messages", body="one").status_code == 303
    answer = say(bob, room, "messages", body="two")
    assert (answer.status_code, "you can write again in 60 s" in answer.content.decode()) == (422, True)
    for body in ("one", "two"):
        assert say(alice, room, "messages", body=body).status_code == 303
    room.messages.filter(author=bob).update(created_at=room.created_at.replace(year=2020))
    assert say(bob, room, "messages", body="two").status_code == 303


def test_programs_need_not_wait_in_slow_mode(room: Chat, alice: User) -> None:
    room.let_write(is_announcing=False, slow_seconds=60, by=alice)
    bot = Bot.objects.make("deploys", "Deploys", alice).user
    room.admit(bot)
    for body in ("one alert", "and another one"):
        room.post(bot, body)
    assert [message.body for message in room.messages.order_by("number")] == ["one alert", "and another one"]


def test_what_was_said_before_becomes_no_announcement(room: Chat, alice: User, bob: User) -> None:
    message = room.post(bob, "just a word")
    room.let_write(is_announcing=True, slow_seconds=0, by=alice)
    answer = signed_in(bob).post(f"/messages/{message.pk}/", {"body": "@alice hear, hear"})
    assert (answer.status_code, ANNOUNCING in answer.content.decode()) == (422, True)
    assert room.messages.get().body == "just a word"


def test_who_comes_into_a_room_that_was_just_made_private_stays_out(room: Chat, alice: User, carol: User) -> None:
    as_it_was = fresh(room)
    room.change_kind(Chat.Kind.PRIVATE, alice)
    with pytest.raises(Chat.DoesNotExist):
        as_it_was.admit(carol)
    assert room.membership_of(carol) is None


def test_of_two_decisions_at_once_the_later_one_shows_both(
    room: Chat, alice: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    one, other = fresh(room), fresh(room)
    with django_capture_on_commit_callbacks(execute=True):
        one.archive(alice)
        other.describe("Tea", "", by=alice)
    last = assert_pushed(pushes, room, f"#room-state-{room.pk}")[-1]
    assert (last["data-closed"], fresh(room).topic) == ("all", "Tea")


def test_nothing_brings_an_archived_room_back_into_a_list(room: Chat, alice: User, bob: User) -> None:
    assert f"chat-entry-{room.pk}" in sidebar.entry_html(bob.pk, room.pk)
    room.archive(alice)
    entry = BeautifulSoup(sidebar.entry_html(bob.pk, room.pk), "html.parser")
    assert not entry.select("a")


def test_a_post_where_nothing_is_restricted_asks_nothing_more(room: Chat, bob: User) -> None:
    counts = []
    for slow_seconds in (0, 1):
        room.messages.update(created_at=room.created_at.replace(year=2020))
        Chat.objects.filter(pk=room.pk).update(slow_seconds=slow_seconds)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            Chat.objects.post(room.pk, bob, "hello")
        counts.append(len(queries))
    assert counts[1] - counts[0] == 2


def test_moderators_remove_messages_of_others(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.set_role(bob, Role.MODERATOR, alice)
    room.admit(carol)
    message = room.post(alice, "rude words")
    where = f"/messages/{message.pk}/removal/"
    refused = signed_in(carol).post(where)
    assert (refused.status_code, "can do that." in refused.content.decode()) == (403, True)
    assert "rude words" in page_of(bob, where)
    assert "Remove" in page_of(bob, f"/messages/{message.pk}/menu/")
    assert "Remove" not in page_of(carol, f"/messages/{message.pk}/menu/")
    assert signed_in(bob).post(where).status_code == 303
    shown = page_of(carol, f"/chats/{room.pk}/")
    assert "This message was deleted. It was removed by a moderator." in shown
    assert "rude words" not in shown
    assert signed_in(bob).post(where).status_code == 404


def test_the_copy_of_a_removed_answer_says_that_it_was_removed(room: Chat, alice: User, bob: User) -> None:
    thread = thread_of(room.post(alice, "When?"))
    answer = thread.post(bob, "rude words", additions=[AlsoInChat()])
    remove_message(answer, alice)
    (copy,) = room.messages.filter(number__gt=1)
    shown = page_of(bob, f"/chats/{room.pk}/")
    assert ("rude words" in shown, shown.count("It was removed by a moderator."), copy.body) == (False, 1, "")


def test_who_is_no_moderator_any_more_removes_nothing(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "stays")
    with pytest.raises(Chat.DoesNotExist):
        remove_message(message, bob)
    pair = Chat.objects.direct([alice, bob]).post(alice, "between us")
    assert signed_in(bob).post(f"/messages/{pair.pk}/removal/").status_code == 403


def test_open_rooms_are_found_by_their_topics_with_how_many_are_in_them(room: Chat, alice: User, carol: User) -> None:
    room.describe("Über Tee", "", alice)
    assert "2 members" in page_of(carol, "/rooms/all/?q=über")
    assert "General" not in page_of(carol, "/rooms/all/?q=coffee")


def test_an_open_room_is_made_private_and_open_again_when_that_is_meant(room: Chat, alice: User, carol: User) -> None:
    room.post(alice, "pineapple")
    assert "only its members read it" in page_of(alice, f"/chats/{room.pk}/room/kind/")
    assert say(alice, room, "room/kind", kind="nonsense").status_code == 422
    assert fresh(room).kind == Chat.Kind.OPEN
    assert say(alice, room, "room/kind", kind="private").status_code == 303
    assert say(alice, room, "room/kind", kind="private").status_code == 303, "sent twice, it stays private"
    assert fresh(room).kind == Chat.Kind.PRIVATE
    assert signed_in(carol).get(f"/chats/{room.pk}/").status_code == 404
    assert "General" not in page_of(carol, "/rooms/all/")
    say(alice, room, "room/kind", kind="open")
    assert "pineapple" in page_of(carol, f"/chats/{room.pk}/")


def test_a_room_whose_name_another_open_one_has_stays_private(private: Chat, alice: User, carol: User) -> None:
    Chat.objects.start(carol, "Launch", Chat.Kind.OPEN)
    answer = say(alice, private, "room/kind", kind="open")
    assert (answer.status_code, "Rename this one first" in answer.content.decode()) == (422, True)
    assert fresh(private).kind == Chat.Kind.PRIVATE


def test_the_sockets_of_a_room_and_its_threads_are_judged_anew_when_it_is_made_private(
    room: Chat, alice: User, bob: User, carol: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    thread = thread_of(room.post(alice, "a question"))
    thread.admit(carol)
    with django_capture_on_commit_callbacks(execute=True):
        room.change_kind(Chat.Kind.PRIVATE, alice)
    judged = [event for event in pushes if event["event"] == "recheck"]
    assert {event["of_group"] for event in judged} == {room.stream, thread.stream}
    assert {pk for event in judged for pk in event["user_pks"]} >= {carol.pk}


def test_the_page_of_a_room_is_for_those_who_may_read_it(private: Chat, room: Chat, bob: User, carol: User) -> None:
    assert "What it is for" not in page_of(bob, f"/chats/{private.pk}/room/")
    assert signed_in(carol).get(f"/chats/{private.pk}/room/").status_code == 404
    assert signed_in(carol).get(f"/chats/{room.pk}/room/").status_code == 200
