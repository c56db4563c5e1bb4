"""One's bots: made, named, given tokens, switched off and on, deleted, by whoever made them alone."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Bot, Chat
from notifications.models import Token
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def make(user: User, username: str = "deploys", name: str = "Deploys") -> Any:
    return signed_in(user).post("/bots/", {"username": username, "name": name})


def post(secret: str, chat: Chat, text: str) -> int:
    body = {"text": text}
    headers = {"Authorization": f"Bearer {secret}"}
    address = f"/api/v1/chats/{chat.pk}/messages"
    return Client().post(address, body, content_type="application/json", headers=headers).status_code


@pytest.fixture
def bot(alice: User) -> Bot:
    make(alice)
    return Bot.objects.get()


@pytest.fixture
def secret(bot: Bot) -> str:
    return Token.objects.issue(bot.user, "CI", ["read", "write"])[1]


def test_a_member_makes_a_bot_which_is_marked_and_found(alice: User, bob: User) -> None:
    answer = make(alice)
    bot = Bot.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/bots/{bot.pk}/")
    assert "Deploys" in signed_in(alice).get("/bots/").content.decode()
    assert "Deploys" not in signed_in(bob).get("/bots/").content.decode()
    assert bot.user.called.is_bot
    assert not bot.user.has_usable_password()


@pytest.mark.parametrize(("username", "reason"), [("Bob", "That user name is taken."), ("a b", "Enter a valid")])
def test_a_user_name_that_cannot_be_is_refused_with_the_reason(
    alice: User, bob: User, username: str, reason: str
) -> None:
    answer = make(alice, username)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Bot.objects.exists()


def test_a_bot_in_a_chat_speaks_as_itself(private: Chat, alice: User, bot: Bot, secret: str) -> None:
    assert post(secret, private, "hello") == 404
    private.invite(bot.user, by=alice)
    assert post(secret, private, "hello") == 201
    assert private.messages.get().author == bot.user


def test_its_token_is_made_after_the_password_shown_once_and_revoked(alice: User, bot: Bot) -> None:
    alice.set_password("correct horse battery")
    alice.save()
    client = signed_in(alice)
    asked = client.get(f"/bots/{bot.pk}/tokens/new/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    client.post(asked["Location"], {"password": "correct horse battery"})
    shown = client.post(f"/bots/{bot.pk}/tokens/new/", {"name": "CI", "scopes": ["write"], "days": "90"})
    found = re.search(r"bw_[\w-]+", shown.content.decode())
    assert found
    token = Token.objects.find(found[0])
    assert token.user == bot.user
    page = client.get(f"/bots/{bot.pk}/").content.decode()
    assert "CI" in page
    assert found[0] not in page
    client.post(f"/bots/{bot.pk}/tokens/{token.pk}/ending/")
    assert Token.objects.find(found[0]) is None


def test_a_bot_is_renamed(alice: User, bot: Bot) -> None:
    signed_in(alice).post(f"/bots/{bot.pk}/", {"name": "Releases"})
    bot.user.refresh_from_db()
    assert (bot.user.username, bot.user.first_name) == ("deploys", "Releases")


def test_a_bot_that_is_off_says_nothing_until_it_is_on(room: Chat, alice: User, bot: Bot, secret: str) -> None:
    signed_in(alice).post(f"/bots/{bot.pk}/switch/", {"on": ""})
    assert post(secret, room, "hello") == 401
    signed_in(alice).post(f"/bots/{bot.pk}/switch/", {"on": "1"})
    assert post(secret, room, "hello") == 201


def test_what_a_deleted_bot_has_said_stays(private: Chat, alice: User, bot: Bot, secret: str) -> None:
    private.invite(bot.user, by=alice)
    post(secret, private, "hello")
    signed_in(alice).post(f"/bots/{bot.pk}/deletion/")
    author = private.messages.get().author
    assert (author.called.is_bot, author.is_active) == (True, False)
    assert not private.memberships.filter(user=author).exists()
    assert post(secret, private, "hello") == 401
    assert signed_in(alice).get(f"/bots/{bot.pk}/").status_code == 404


def test_a_deleted_bot_that_said_nothing_is_gone(alice: User, bot: Bot) -> None:
    signed_in(alice).post(f"/bots/{bot.pk}/deletion/")
    assert not User.objects.filter(username="deploys").exists()


def test_bots_are_off_once_their_maker_may_not_sign_in(alice: User, room: Chat, bot: Bot, secret: str) -> None:
    alice.is_active = False
    alice.save()
    assert post(secret, room, "hello") == 401


def test_nobody_else_sees_or_changes_a_bot(bob: User, bot: Bot, secret: str) -> None:
    own, token = f"/bots/{bot.pk}/", bot.user.api_tokens.get()
    assert signed_in(bob).get(own).status_code == 404
    for address in (own, f"{own}switch/", f"{own}deletion/", f"{own}tokens/{token.pk}/ending/"):
        assert signed_in(bob).post(address, {"name": "Mine"}).status_code == 404
    assert Token.objects.find(secret)


def test_bots_are_off_once_their_maker_is_gone(alice: User, bob: User, room: Chat, bot: Bot, secret: str) -> None:
    bob.delete()
    assert post(secret, room, "Still here") == 201, "it was somebody else who left"
    alice.delete()
    assert post(secret, room, "Anybody?") == 401
    bot.user.refresh_from_db()
    assert not bot.user.is_active


def test_one_has_only_so_many_bots_and_what_was_typed_stays(
    alice: User, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.bots.views.MOST", 1)
    answer = make(alice, "tests", "Tests")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Delete one first." in page
    assert 'value="tests"' in page
    assert Bot.objects.count() == 1
