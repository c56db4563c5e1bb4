"""Slash commands: what is one, what is text, who is called, and what is refused with its text kept."""

import json
import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from messaging.commands import polls
from messaging.models import Bot, BotCommand, Chat
from messaging.reactions.part import react
from messaging.threads.answering import thread_of
from notifications.models import Webhook, WebhookDelivery
from notifications.webhooks.answers import Answer, note_all
from tests.conftest import signed_in
from tests.program import Program, problem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bot(private: Chat, alice: User) -> Bot:
    """A bot of alice's in the private room, with one command and a webhook that hears of it."""
    made = Bot.objects.make("deploys", "Deploys", alice)
    private.admit(made.user)
    BotCommand.objects.create(bot=made, name="deploy", help="Put a branch on a server")
    Webhook.objects.create(subject=made.stream, owner=alice, url="https://example.org/in", events=["command.called"])
    return made


def write(user: User, chat: Chat, body: str, **more: Any) -> Any:
    return signed_in(user).post(f"/chats/{chat.pk}/messages/", {"body": body, **more})


def said(chat: Chat) -> list[str]:
    return [message.body for message in chat.messages.order_by("number")]


def calls() -> list[dict[str, Any]]:
    """Return what webhooks are told of calls."""
    rows = WebhookDelivery.objects.filter(event="command.called").order_by("pk")
    return [json.loads(row.body)["data"] for row in rows]


def answer(text: str) -> None:
    """Let whatever is waiting arrive, and be answered so."""
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING).select_related("webhook__owner")
    note_all([(delivery, Answer(1, 200, text)) for delivery in waiting])


@pytest.mark.parametrize(
    "body",
    [
        "/usr/bin is full",
        "/etc/hosts",
        "/chats/12/",
        "/",
        "/ word",
        "/word, he said",
        "/word.",
        "//cdn.example.org/x.js",
        "// a comment",
        "///word",
        "say /word",
        " /word",
        "a\n/word",
        "https://example.org/",
        "/-/",
    ],
)
def test_what_only_looks_like_a_command_is_said(private: Chat, bob: User, body: str) -> None:
    assert write(bob, private, body).status_code == 303
    assert [each.strip() for each in said(private)] == [body.strip()]


@pytest.mark.parametrize("body", ["/word", "/word ", "/Word and more", "/word\nmore", "/2-3_x", "/\u00fcber"])
def test_a_command_that_nobody_knows_is_refused_with_the_way_to_say_it(private: Chat, bob: User, body: str) -> None:
    answers = [
        write(bob, private, body),
        signed_in(bob).post(f"/chats/{private.pk}/messages/", {"body": body}, headers={"HX-Request": "true"}),
    ]
    name = body.split()[0]
    for refused in answers:
        page = BeautifulSoup(refused.content, "html.parser")
        assert refused.status_code == 422
        (reason,) = page.select(".composer-error[role=alert]:not([hidden])")
        assert reason.text == f"Nobody here knows the command {name}. To say it as text, write /{name}."
        field = page.select_one("textarea[name=body]")
        assert field
        assert field.text.strip("\n") == body
    assert problem(Program(bob).post(f"chats/{private.pk}/messages", text=body), 422)
    assert said(private) == []
    assert write(bob, private, f"/{body}").status_code == 303
    assert [each.strip() for each in said(private)] == [body.strip()]


def test_an_outsider_is_not_told_which_commands_there_are(private: Chat, carol: User, bot: Bot) -> None:
    assert {write(carol, private, body).status_code for body in ("/deploy", "/word", "hello")} == {404}
    program = Program(carol)
    for body in ("/deploy", "/word"):
        assert problem(program.post(f"chats/{private.pk}/messages", text=body), 404)
    assert signed_in(carol).get(f"/chats/{private.pk}/commands/").status_code == 404
    assert not calls()


def test_a_bot_is_called_where_it_is_a_member_and_answers_there(private: Chat, bob: User, bot: Bot) -> None:
    assert write(bob, private, "/Deploy main to *web*").status_code == 303
    assert said(private) == ["/Deploy main to *web*"], "the chat sees who called whom"
    (call,) = calls()
    assert (call["bot"], call["command"], call["text"]) == (bot.pk, "deploy", "main to *web*")
    assert (call["chat"], call["author"]["username"]) == (private.pk, "bob")
    assert call["message"]["id"] == private.messages.get().pk
    answer('{"text": "On its way."}')
    message = private.messages.latest("number")
    assert (message.author, message.body) == (bot.user, "On its way.")
    WebhookDelivery.objects.get().send_again()
    answer('{"text": "Once more."}')
    assert len(said(private)) == 2, "an event that is sent again is answered once"


def test_elsewhere_nobody_knows_its_command(private: Chat, room: Chat, alice: User, bob: User, bot: Bot) -> None:
    assert write(bob, room, "/deploy").status_code == 422
    private.release(bot.user)
    assert write(bob, private, "/deploy").status_code == 422
    private.admit(bot.user)
    signed_in(alice).post(f"/bots/{bot.pk}/switch/", {"on": ""})
    assert write(bob, private, "/deploy").status_code == 422
    assert not calls()


def test_a_bot_is_called_in_a_thread_of_its_chat_and_answers_there(private: Chat, bob: User, bot: Bot) -> None:
    root = private.post(bob, "Release")
    thread = thread_of(root)
    assert write(bob, thread, "/deploy main").status_code == 303
    assert Program(bob).post(f"messages/{root.pk}/thread", text="/deploy tests").status_code == 201
    assert [(call["chat"], call["text"]) for call in calls()] == [(thread.pk, "main"), (thread.pk, "tests")]
    answer('{"text": "Done."}')
    assert said(thread)[2:] == ["Done.", "Done."]
    assert said(private) == ["Release"]


def test_an_unknown_command_begins_no_thread(private: Chat, bob: User) -> None:
    root = private.post(bob, "Release")
    assert problem(Program(bob).post(f"messages/{root.pk}/thread", text="/deploy"), 422)
    assert not Chat.objects.filter(root=root).exists()


def test_a_form_that_is_sent_again_calls_once(private: Chat, bob: User, bot: Bot) -> None:
    client_id = str(uuid.uuid4())
    for _ in range(2):
        assert write(bob, private, "/deploy", client_id=client_id).status_code == 303
    assert len(calls()) == len(said(private)) == 1
    bot.commands.all().delete()
    assert write(bob, private, "/deploy", client_id=client_id).status_code == 303, "it was sent before that"
    assert len(said(private)) == 1


def test_two_bots_with_the_same_command_both_hear_it(private: Chat, alice: User, bob: User, bot: Bot) -> None:
    other = Bot.objects.make("others", "Others", alice)
    private.admit(other.user)
    BotCommand.objects.create(bot=other, name="deploy", help="Put it elsewhere")
    Webhook.objects.create(subject=other.stream, owner=alice, url="https://example.net/", events=["command.called"])
    write(bob, private, "/deploy")
    assert {call["bot"] for call in calls()} == {bot.pk, other.pk}
    assert said(private) == ["/deploy"]


def test_a_bot_that_went_meanwhile_does_not_answer(room: Chat, alice: User, bob: User, bot: Bot) -> None:
    room.admit(bot.user)
    write(bob, room, "/deploy")
    room.release(bot.user)
    answer('{"text": "I am back"}')
    assert said(room) == ["/deploy"], "not even in a room that anybody may enter"


def test_what_bots_say_is_text(private: Chat, bot: Bot) -> None:
    program = Program(bot.user)
    for text in ("/deploy", "/word", "//word"):
        assert program.post(f"chats/{private.pk}/messages", text=text).status_code == 201
    assert said(private) == ["/deploy", "/word", "//word"]
    assert not calls()


def test_a_command_with_a_file_calls_too(private: Chat, bob: User, bot: Bot, tmp_path: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    program, file = Program(bob), SimpleUploadedFile("log.txt", b"x")
    assert program.form(f"chats/{private.pk}/files", files=file, text="/deploy").status_code == 201
    assert len(calls()) == 1
    assert problem(program.form(f"chats/{private.pk}/files", files=SimpleUploadedFile("x", b"x"), text="/word"), 422)


def test_a_preview_shows_what_is_said_or_why_not(private: Chat, bob: User) -> None:
    client, address = signed_in(bob), f"/chats/{private.pk}/preview/"
    assert "<p>/word</p>" in client.post(address, {"body": "//word"}).content.decode()
    refused = client.post(address, {"body": "/word"})
    assert (refused.status_code, "Nobody here knows" in refused.content.decode()) == (422, True)
    assert said(private) == []


# Polls


@pytest.mark.parametrize(
    "typed",
    [
        '"Where to?" "The lake" "The hills"',
        "\u201cWhere to?\u201d \u201cThe lake\u201d \u201cThe hills\u201d",
        "Where to?\nThe lake\nThe hills",
        '\n"Where to?"\n\n"The lake"\n  The   hills ',
    ],
)
def test_a_poll_lists_its_answers_which_people_vote_for_by_reactions(
    private: Chat, bob: User, alice: User, typed: str
) -> None:
    assert write(bob, private, f"/poll {typed}").status_code == 303
    message = private.messages.get()
    assert message.author == bob
    assert message.body == "📊 **Where to?**\n1️⃣ The lake\n2️⃣ The hills"
    puts = User.objects.get(username=polls.PUTS)
    assert message.parts["reactions"] == [["1️⃣", [puts.pk]], ["2️⃣", [puts.pk]]]
    react(message, alice, "2️⃣")
    react(message, alice, "2️⃣")
    assert [sign for sign, _ in message.parts["reactions"]] == ["1️⃣", "2️⃣"], "an answer stays without votes"
    assert "Poll (bot)" in signed_in(bob).get(f"/chats/{private.pk}/").content.decode()


def test_all_signs_are_reactions_that_people_can_choose() -> None:
    from messaging.reactions.part import clean

    assert [clean(sign) for sign in polls.SIGNS] == polls.SIGNS
    assert len(set(polls.SIGNS)) == 9


def test_polls_of_one_site_have_one_who_puts_the_signs(private: Chat, room: Chat, bob: User, alice: User) -> None:
    for chat, user in ((private, bob), (room, alice)):
        assert write(user, chat, '/poll "Where to?" "The lake" "The hills"').status_code == 303
    assert Bot.objects.count() == 1
    assert Program(bob).get("chats").status_code == 200


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "A poll needs a question and answers."),
        ('""', "A poll needs a question and answers."),
        ("Where to?", "this one has no answers"),
        ('"Where to?" "The lake"', "this one has 1 answer."),
        ("Q\n" + "\n".join("abcdefghij"), "this one has 10 answers"),
    ],
)
def test_a_poll_that_lacks_something_says_so(private: Chat, bob: User, typed: str, reason: str) -> None:
    refused = write(bob, private, f"/poll {typed}")
    page = BeautifulSoup(refused.content, "html.parser")
    (error,) = page.select(".composer-error[role=alert]:not([hidden])")
    assert refused.status_code == 422
    assert reason in error.text
    assert error.text.endswith("or each of them on a line of its own.")
    assert said(private) == []


def test_marks_in_a_question_do_not_break_it(private: Chat, bob: User) -> None:
    write(bob, private, "/poll 2 * 3 ** 4?\n24\n162")
    assert "<strong>2 * 3 ** 4?</strong>" in private.messages.get().html


# Registering


def test_a_maker_keeps_the_commands_of_a_bot_on_its_page(private: Chat, alice: User, bob: User, bot: Bot) -> None:
    client, address = signed_in(alice), f"/bots/{bot.pk}/commands/"
    assert client.post(address, {"name": "/Roll-Back", "help": "Put the one before back"}).status_code == 303
    page = client.get(address).content.decode()
    assert "/roll-back" in page
    assert "/deploy" in page
    assert client.post(address, {"name": "deploy", "help": "Another help"}).status_code == 303
    assert dict(bot.commands.values_list("name", "help")) == {
        "deploy": "Another help",
        "roll-back": "Put the one before back",
    }
    removed = bot.commands.get(name="deploy")
    for outsider in (signed_in(bob), Client()):
        assert outsider.get(address).status_code in (302, 404)
        assert outsider.post(f"{address}{removed.pk}/deletion/").status_code in (302, 404)
        assert outsider.post(address, {"name": "x", "help": "x"}).status_code in (302, 404)
    assert client.post(f"{address}{removed.pk}/deletion/").status_code == 303
    assert [command.name for command in bot.commands.all()] == ["roll-back"]


@pytest.mark.parametrize("name", ["poll", "/POLL", "a b", "a/b", "a.b", "x" * 33, ""])
def test_a_name_that_cannot_be_is_refused(alice: User, bot: Bot, name: str) -> None:
    assert signed_in(alice).post(f"/bots/{bot.pk}/commands/", {"name": name, "help": "x"}).status_code == 422
    assert problem(Program(bot.user).put("commands", commands=[{"name": name, "help": "x"}]), 422)
    assert [command.name for command in bot.commands.all()] == ["deploy"]


def test_a_bot_says_which_commands_it_has(bot: Bot, bob: User) -> None:
    program = Program(bot.user)
    new = [{"name": "status", "help": "How it goes"}, {"name": "deploy", "help": "Put it there"}]
    for _ in range(2):
        assert program.put("commands", commands=new).json() == {"commands": new[::-1]}
    assert program.get("commands").json() == {"commands": new[::-1]}
    assert problem(program.put("commands", commands=[*new, new[0]]), 422)
    assert problem(Program(bot.user, "read").put("commands", commands=[]), 403)
    assert problem(Program(bob).put("commands", commands=[]), 403)
    assert program.put("commands", commands=[]).json() == {"commands": []}


def test_a_bot_has_only_so_many_commands(alice: User, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.commands.forms.MOST", 1)
    client, address = signed_in(alice), f"/bots/{bot.pk}/commands/"
    assert client.post(address, {"name": "more", "help": "x"}).status_code == 422
    assert client.post(address, {"name": "deploy", "help": "x"}).status_code == 303


def test_only_its_maker_manages_the_webhooks_of_a_bot(alice: User, bob: User, bot: Bot) -> None:
    address = f"/notifications/webhooks/of/{bot.stream}/"
    assert "example.org" in signed_in(alice).get(address).content.decode()
    assert signed_in(bob).get(address).status_code == 404


@pytest.mark.parametrize("has_spoken", [True, False])
def test_with_a_bot_its_commands_and_webhooks_are_gone(private: Chat, alice: User, bot: Bot, has_spoken: bool) -> None:
    if has_spoken:
        private.post(bot.user, "Hello")
    signed_in(alice).post(f"/bots/{bot.pk}/deletion/")
    assert not BotCommand.objects.exists()
    assert not Webhook.objects.exists()


def test_what_somebody_types_behind_a_slash_is_completed(private: Chat, room: Chat, bob: User, bot: Bot) -> None:
    def options(chat: Chat, typed: str) -> list[tuple[str, str]]:
        answer = signed_in(bob).get(f"/chats/{chat.pk}/commands/", {"q": typed})
        return [(option["text"], option["note"]) for option in answer.json()["options"]]

    assert options(private, "") == [("/deploy", "Deploys"), ("/poll", ""), ("/remind", "")]
    assert options(private, "DE") == [("/deploy", "Deploys")]
    assert options(private, "x") == []
    assert options(room, "") == [("/poll", ""), ("/remind", "")]


def test_two_bots_of_one_kind_are_both_proposed(private: Chat, alice: User, bob: User, bot: Bot) -> None:
    twin = Bot.objects.make("twin", "Twin", alice)
    private.admit(twin.user)
    BotCommand.objects.create(bot=twin, name="deploy", help=bot.commands.get().help)
    options = signed_in(bob).get(f"/chats/{private.pk}/commands/", {"q": "dep"}).json()["options"]
    assert [option["note"] for option in options] == ["Deploys", "Twin"]
