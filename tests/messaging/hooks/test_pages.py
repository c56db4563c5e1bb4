"""The pages of hooks: who may see an address, make one, change it and take it away."""

from io import StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.accounts.backends import CountingBackend
from messaging.accounts.people import display_name, search
from messaging.chats.models.membership import Membership
from messaging.models import Bot, Chat, Hook
from tests.conftest import signed_in
from tests.messaging.hooks.conftest import Post

pytestmark = pytest.mark.django_db


def page(user: User, address: str) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(address).content, "html.parser")


def make(user: User, chat: Chat, name: str = "CI", **more: str) -> Any:
    return signed_in(user).post(f"/chats/{chat.pk}/hooks/", {"name": name, **more})


def addresses(hook: Hook) -> list[str]:
    own = f"/chats/hooks/{hook.pk}/"
    return [own, f"{own}renewal/", f"{own}deletion/"]


def test_a_member_makes_an_address_that_works(room: Chat, bob: User) -> None:
    answer = make(bob, room, "CI", emoji=":rocket:")
    hook = Hook.objects.get()
    assert answer["Location"] == f"/chats/hooks/{hook.pk}/"
    shown = page(bob, answer["Location"]).select_one("#hook-address")
    assert str(shown["value"]).endswith(f"/hooks/{hook.token}")
    assert Client().post(f"/hooks/{hook.token}", {"text": "hello"}).status_code == 200
    message = page(bob, f"/chats/{room.pk}/").select_one("#messages .message")
    assert message.select_one(".message-author").text == "CI"
    assert message.select_one(".message-head .tag").text == "bot"
    assert message.select_one(".avatar").text == "🚀"


def test_in_a_private_room_its_owner_alone_makes_them(private: Chat, alice: User, bob: User) -> None:
    assert make(bob, private).status_code == 404
    assert not Hook.objects.exists()
    assert page(bob, f"/chats/{private.pk}/hooks/").select_one("form [name=name]") is None
    assert make(alice, private).status_code == 303
    assert Hook.objects.get().chat == private


@pytest.mark.parametrize("kind", ["room", "private"])
def test_an_outsider_sees_none_of_it(request: pytest.FixtureRequest, kind: str, alice: User, carol: User) -> None:
    chat = request.getfixturevalue(kind)
    hook = Hook.objects.make(chat, "CI", alice)
    client = signed_in(carol)
    assert client.get(f"/chats/{chat.pk}/hooks/").status_code == 404
    assert make(carol, chat).status_code == 404
    assert client.get(addresses(hook)[0]).status_code == 404
    assert [client.post(address, {"name": "x"}).status_code for address in addresses(hook)] == [404] * 3
    hook.refresh_from_db()
    assert hook.name == "CI"


def test_a_former_member_sees_it_no_more_and_it_goes_on_working(room: Chat, alice: User, bob: User) -> None:
    hook = Hook.objects.make(room, "CI", bob)
    assert signed_in(bob).get(addresses(hook)[0]).status_code == 200
    room.ban(bob, alice)
    assert signed_in(bob).get(f"/chats/{room.pk}/hooks/").status_code == 404
    assert signed_in(bob).get(addresses(hook)[0]).status_code == 404
    assert [signed_in(bob).post(address, {"name": "x"}).status_code for address in addresses(hook)] == [404] * 3
    assert Client().post(f"/hooks/{hook.token}", {"text": "hello"}).status_code == 200
    assert signed_in(alice).get(addresses(hook)[0]).status_code == 200


def test_another_member_sees_that_there_is_one_but_not_its_address(room: Chat, alice: User, bob: User) -> None:
    hook = Hook.objects.make(room, "CI", alice)
    listed = page(bob, f"/chats/{room.pk}/hooks/")
    assert "CI" in listed.select_one(".rows").text
    assert hook.token not in str(listed)
    assert signed_in(bob).get(addresses(hook)[0]).status_code == 404
    assert [signed_in(bob).post(address, {"name": "x"}).status_code for address in addresses(hook)] == [404] * 3


def test_conversations_and_threads_have_none(alice: User, bob: User, room: Chat) -> None:
    chat = Chat.objects.direct([alice, bob])
    assert make(alice, chat).status_code == 404
    assert "Hooks" not in page(alice, f"/chats/{chat.pk}/members/").text


def test_what_is_filled_in_wrongly_comes_back(room: Chat, alice: User) -> None:
    for given in ({"name": ""}, {"name": "a@b"}, {"name": "CI", "emoji": "no emoji"}, {"name": "x" * 81}):
        answer = signed_in(alice).post(f"/chats/{room.pk}/hooks/", given)
        assert answer.status_code == 422
        assert b"errorlist" in answer.content
    assert not Hook.objects.exists()


def test_a_hook_is_renamed_renewed_switched_off_and_deleted(hook: Hook, alice: User, post: Post) -> None:
    client, old = signed_in(alice), hook.token
    post('{"text": "before"}')
    client.post(addresses(hook)[0], {"name": "Build", "emoji": "", "is_on": "on"})
    client.post(addresses(hook)[1])
    hook.refresh_from_db()
    assert (hook.token != old, post('{"text": "x"}', place=old).status_code) == (True, 410)
    assert post('{"text": "after"}').status_code == 200
    shown = [each.text for each in page(alice, f"/chats/{hook.chat_id}/").select("#messages .message-author")]
    assert shown == ["CI", "Build"]
    client.post(addresses(hook)[0], {"name": "Build", "emoji": ""})
    assert post('{"text": "off"}').status_code == 410
    client.post(addresses(hook)[2])
    assert post('{"text": "gone"}').status_code == 410
    assert [each.text for each in page(alice, f"/chats/{hook.chat_id}/").select("#messages .message-author")] == shown


def test_its_page_shows_what_was_refused_with_the_payload(hook: Hook, alice: User, post: Post) -> None:
    post('{"text": "<script>"')
    shown = page(alice, addresses(hook)[0]).select_one(".rows details")
    assert "no JSON" in shown.select_one("summary").text
    assert shown.select_one("pre").text == '{"text": "<script>"'


def test_one_message_may_be_said_under_another_name(hook: Hook, alice: User, post: Post) -> None:
    post('{"text": "one", "username": "Alice <b>", "icon_emoji": ":tada:"}')
    post('{"text": "two"}')
    first, second = page(alice, f"/chats/{hook.chat_id}/").select("#messages .message")
    assert first.select_one(".message-author").text == "Alice <b>"
    assert (first.select_one(".tag").text, first.select_one(".avatar").text) == ("bot", "🎉")
    assert second.select_one(".message-author").text == "CI"
    message = hook.chat.messages.order_by("number").first()
    assert message.line == "Alice <b> (bot) in General: one"


def test_nobody_signs_in_as_a_bot_or_finds_a_hooks(hook: Hook, alice: User) -> None:
    user = hook.bot.user
    assert not user.has_usable_password()
    active = Bot.objects.make("helper", "Helper", alice).user
    for bot in (user, active):
        bot.set_password("correct horse battery")
        bot.save()
        assert CountingBackend().authenticate(None, bot.username, "correct horse battery") is None
        assert CountingBackend().get_user(bot.pk) is None
    assert user not in search("")
    assert display_name(active) == "Helper (bot)"


def test_a_bot_is_marked_among_the_members_and_never_owns_the_room(hook: Hook, alice: User, bob: User) -> None:
    rows = page(alice, f"/chats/{hook.chat_id}/members/").select(".rows li")
    (row,) = (row for row in rows if "CI" in row.text)
    assert "bot" in [tag.text for tag in row.select(".tag")]
    assert "inactive" not in row.text
    for person in (alice, bob):
        hook.chat.release(person)
    assert not Membership.objects.filter(user=hook.bot.user, is_owner=True).exists()
    assert Membership.objects.filter(user=hook.bot.user).exists()
    hook.chat.admit(bob)
    assert Membership.objects.get(user=bob).is_owner


def test_a_bot_takes_nobodys_name_away(hook: Hook, alice: User, room: Chat) -> None:
    Hook.objects.make(room, "Alice", alice)
    alice.refresh_from_db()
    assert display_name(alice) == "Alice"


def test_a_hook_that_has_said_nothing_leaves_no_account(
    hook: Hook, post: Post, room: Chat, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    silent = Hook.objects.make(room, "Silent", alice)
    post('{"text": "x"}')
    with django_capture_on_commit_callbacks(execute=True):
        silent.end()
        hook.end()
    assert list(User.objects.filter(bot__isnull=False)) == [hook.bot.user]
    with django_capture_on_commit_callbacks(execute=True):
        Hook.objects.make(room, "Another", alice)
        room.delete()
    assert not Hook.objects.exists()


def test_lists_cost_the_same_for_many(room: Chat, alice: User) -> None:
    def queries() -> int:
        client = signed_in(alice)
        client.get(f"/chats/{room.pk}/hooks/")
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(f"/chats/{room.pk}/hooks/")
        return len(found)

    Hook.objects.make(room, "one", alice)
    before = queries()
    for number in range(10):
        Hook.objects.make(room, f"more {number}", alice)
    assert queries() == before


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("hook", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_makes_lists_and_revokes(room: Chat, private: Chat) -> None:
    address = command("General", "--name", "CI")
    hook = Hook.objects.get()
    assert address.endswith(f"/hooks/{hook.token}")
    assert (hook.chat, hook.made_by) == (room, None)
    assert Client().post(f"/hooks/{hook.token}", {"text": "hello"}).status_code == 200
    assert f"{hook.pk}" in command("--list", "General")
    assert "CI" in command("--list", str(room.pk))
    assert command("--list", "Launch") == ""
    command("--revoke", str(hook.pk))
    assert not Hook.objects.exists()


@pytest.mark.parametrize(
    "arguments", [["Nowhere", "--name", "x"], ["General"], ["--revoke", "77"], [], ["General", "--name", "a@b"]]
)
def test_the_command_says_what_is_wrong(room: Chat, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        command(*arguments)
