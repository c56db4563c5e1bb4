"""Chats and messages for programs: what they read and write, as whom, and what is refused."""

import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Chat, Message
from notifications.testing import Event
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(private: Chat, alice: User) -> Message:
    found: Message = private.post(alice, "We launch on Friday.")
    return found


def texts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [message["text"] for message in answer.json()["messages"]]


def test_a_program_posts_and_pages_show_it_as_they_show_any_message(
    private: Chat, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = Program(bob).post(f"chats/{private.pk}/messages", text="The build is *green*.")
    assert answer.status_code == 201
    said = answer.json()
    assert (said["chat"], said["number"], said["author"]["username"]) == (private.pk, 1, "bob")
    assert said["html"] == "<p>The build is <em>green</em>.</p>\n"
    assert any("The build is" in str(event) for event in pushes if event["group"] == private.stream)


def test_what_was_posted_is_read_edited_and_deleted(message: Message, alice: User) -> None:
    program, address = Program(alice), f"messages/{message.pk}"
    assert program.get(address).json()["text"] == "We launch on Friday."
    edited = program.patch(address, text="We launch on Monday.").json()
    assert edited["text"] == "We launch on Monday."
    assert edited["edited_at"].endswith("Z")
    deleted = program.delete(address)
    assert (deleted.status_code, "Content-Type" in deleted) == (204, False)
    gone = program.get(address).json()
    assert (gone["deleted"], gone["text"]) == (True, "")
    assert problem(program.patch(address, text="No"), 404)
    assert problem(program.delete(address), 404)


def test_only_its_author_changes_a_message(message: Message, bob: User) -> None:
    program = Program(bob)
    for answer in (program.patch(f"messages/{message.pk}", text="Mine"), program.delete(f"messages/{message.pk}")):
        assert problem(answer, 403) == "Only who has written a message may change it."
    message.refresh_from_db()
    assert message.body == "We launch on Friday."


def test_outsiders_and_those_who_were_removed_find_nothing(
    message: Message, alice: User, bob: User, carol: User
) -> None:
    chat = message.chat
    assert Program(bob).get(f"messages/{message.pk}").status_code == 200
    chat.ban(bob, alice)
    for program in (Program(carol), Program(bob)):
        for address in (f"chats/{chat.pk}", f"chats/{chat.pk}/messages", f"messages/{message.pk}"):
            assert problem(program.get(address), 404)
        for answer in (
            program.post(f"chats/{chat.pk}/messages", text="Hello"),
            program.put(f"chats/{chat.pk}/reading", number=1),
            program.patch(f"messages/{message.pk}", text="Mine"),
            program.delete(f"messages/{message.pk}"),
            program.post(f"messages/{message.pk}/thread", text="Hello"),
            program.get(f"messages/{message.pk}/thread"),
            program.put(f"messages/{message.pk}/reactions/🎉"),
            program.delete(f"messages/{message.pk}/reactions/🎉"),
        ):
            assert problem(answer, 404)
    assert chat.messages.count() == 1


def test_who_posts_in_an_open_room_is_in_it(room: Chat, carol: User) -> None:
    program = Program(carol)
    assert program.get("chats").json()["chats"] == []
    (found,) = program.get("chats", which="open").json()["chats"]
    assert (found["title"], found["kind"], found["unread"]) == ("General", "open", None)
    assert program.post(f"chats/{room.pk}/messages", text="Hello").status_code == 201
    (found,) = program.get("chats").json()["chats"]
    assert (found["id"], found["unread"], found["last_number"]) == (room.pk, 0, 1)


def test_chats_have_the_names_that_their_reader_sees(private: Chat, alice: User, bob: User) -> None:
    Chat.objects.direct([alice, bob])
    for user, name in ((alice, "Bob"), (bob, "Alice")):
        found = Program(user).get("chats").json()["chats"]
        assert [(chat["kind"], chat["title"]) for chat in found] == [
            ("private", "Launch"),
            ("direct", name),
        ]


def test_chats_are_listed_part_by_part(alice: User) -> None:
    made = [Chat.objects.start(alice, f"Room {number}", Chat.Kind.PRIVATE).pk for number in range(5)]
    program = Program(alice)
    first = program.get("chats", limit=3).json()
    assert [chat["id"] for chat in first["chats"]] == made[:3]
    assert first["has_more"]
    second = program.get("chats", limit=3, after=made[2]).json()
    assert [chat["id"] for chat in second["chats"]] == made[3:]
    assert not second["has_more"]


def test_a_list_of_chats_costs_no_more_for_more(alice: User, bob: User, carol: User) -> None:
    program = Program(alice)
    Chat.objects.direct([alice, bob])
    program.get("chats")
    with CaptureQueriesContext(connection) as few:
        program.get("chats")
    Chat.objects.direct([alice, carol])
    for number in range(5):
        Chat.objects.start(alice, f"Room {number}", Chat.Kind.PRIVATE)
    with CaptureQueriesContext(connection) as many:
        assert len(program.get("chats").json()["chats"]) == 7
    assert len(many) == len(few)


def test_messages_are_read_in_both_directions(private: Chat, alice: User, bob: User) -> None:
    for number in range(1, 8):
        private.post(alice, str(number))
    program, address = Program(bob), f"chats/{private.pk}/messages"
    assert texts(program.get(address)) == list("1234567")
    newest = program.get(address, limit=3)
    assert (texts(newest), newest.json()["has_more"]) == (list("567"), True)
    assert texts(program.get(address, limit=3, before=5)) == list("234")
    last = program.get(address, limit=3, before=2)
    assert (texts(last), last.json()["has_more"]) == (["1"], False)
    later = program.get(address, limit=3, after=2)
    assert (texts(later), later.json()["has_more"]) == (list("345"), True)
    assert problem(program.get(address, before=2, after=2), 422) == "Say one of before, after and changed_after."


def test_who_asks_for_changes_hears_of_all_of_them_once(private: Chat, alice: User, bob: User) -> None:
    first, second = private.post(alice, "One"), private.post(alice, "Two")
    program, address = Program(bob), f"chats/{private.pk}/messages"
    seq = program.get(address).json()["seq"]
    assert texts(program.get(address, changed_after=seq)) == []
    first.edit("One again")
    second.delete_body()
    private.post(alice, "Three")
    found = []
    while True:
        part = program.get(address, changed_after=seq, limit=2).json()
        found += [(message["text"], message["deleted"]) for message in part["messages"]]
        if not part["has_more"]:
            break
        seq = part["messages"][-1]["seq"]
    assert found == [("One again", False), ("", True), ("Three", False)]


def test_a_page_of_messages_costs_the_same_however_long_it_is(private: Chat, alice: User, bob: User) -> None:
    private.post(alice, "One")
    program, address = Program(bob), f"chats/{private.pk}/messages"
    program.get(address)
    with CaptureQueriesContext(connection) as few:
        program.get(address)
    for number in range(20):
        private.post(alice if number % 2 else bob, str(number))
    with CaptureQueriesContext(connection) as many:
        assert len(texts(program.get(address))) == 21
    assert len(many) == len(few) == 3


def test_a_list_that_has_not_changed_is_not_sent_again(private: Chat, alice: User, bob: User) -> None:
    private.post(alice, "One")
    program, address = Program(bob), f"chats/{private.pk}/messages"
    etag = program.get(address)["ETag"]
    again = program.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    private.post(alice, "Two")
    assert texts(program.get(address, headers={"If-None-Match": etag})) == ["One", "Two"]


def test_a_message_is_sent_again_without_harm_by_its_client_id(private: Chat, bob: User) -> None:
    program, client_id = Program(bob), str(uuid.uuid4())
    answers = [program.post(f"chats/{private.pk}/messages", text="Once", client_id=client_id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = program.post(f"chats/{private.pk}/messages", text="Other", client_id=client_id)
    assert "another message already" in problem(other, 422)
    assert private.messages.count() == 1


def test_or_by_the_key_of_its_request(private: Chat, bob: User, alice: User) -> None:
    program, address = Program(bob), f"chats/{private.pk}/messages"
    answers = [program.post(address, key="deploy-7", text="Once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert "was sent with something else" in problem(program.post(address, key="deploy-7", text="Other"), 422)
    assert program.post(address, key="deploy-8", text="Once").status_code == 201
    assert Program(alice).post(address, key="deploy-7", text="Mine").status_code == 201
    assert private.messages.count() == 3


def test_what_is_refused_does_not_use_its_key(private: Chat, bob: User) -> None:
    program, address = Program(bob), f"chats/{private.pk}/messages"
    assert problem(program.post(address, key="one", text="  "), 422) == "Write something first."
    assert program.post(address, key="one", text="Now").status_code == 201


def test_a_program_answers_a_message_and_in_its_thread(message: Message, bob: User) -> None:
    program, address = Program(bob), f"messages/{message.pk}/thread"
    answer = program.post(f"chats/{message.chat_id}/messages", text="Yes.", reply_to=message.pk)
    assert answer.json()["reply_to"] == message.pk
    assert problem(program.get(address), 404)
    assert problem(program.post(address, text=" "), 422)
    assert not message.chat.threads.exists()
    said = program.post(address, text="In June?", also_in_chat=True)
    assert said.status_code == 201
    thread = program.get(address).json()
    assert (thread["kind"], thread["parent"], thread["root"]) == ("thread", message.chat_id, message.pk)
    assert said.json()["chat"] == thread["id"]
    assert texts(program.get(f"chats/{thread['id']}/messages")) == ["In June?"]
    assert texts(program.get(f"chats/{message.chat_id}/messages"))[-1] == "In June?"
    assert program.get(f"messages/{message.pk}").json()["thread"]["count"] == 1
    assert problem(program.post(f"messages/{said.json()['id']}/thread", text="Deeper"), 404)


def test_what_is_answered_has_to_be_in_the_chat(message: Message, room: Chat, bob: User) -> None:
    answer = Program(bob).post(f"chats/{room.pk}/messages", text="Yes.", reply_to=message.pk)
    assert problem(answer, 422) == "What you answer is not in this chat."


def test_a_program_reacts_and_takes_that_back(message: Message, bob: User) -> None:
    program = Program(bob)
    for _ in range(2):
        answer = program.put(f"messages/{message.pk}/reactions/🎉")
        assert answer.json()["reactions"] == [{"emoji": "🎉", "count": 1, "users": [bob.pk]}]
    assert program.put(f"messages/{message.pk}/reactions/:rocket:").json()["reactions"][1]["emoji"] == "🚀"
    for _ in range(2):
        answer = program.delete(f"messages/{message.pk}/reactions/🎉")
        assert [chip["emoji"] for chip in answer.json()["reactions"]] == ["🚀"]
    assert "Choose one emoji" in problem(program.put(f"messages/{message.pk}/reactions/party"), 422)


def test_a_program_says_how_far_its_person_has_read(message: Message, bob: User) -> None:
    program, address = Program(bob), f"chats/{message.chat_id}"
    assert program.get(address).json()["unread"] == 1
    read = program.put(f"{address}/reading", number=1).json()
    assert (read["unread"], read["read_number"]) == (0, 1)
    assert program.put(f"{address}/reading", number=99).json()["read_number"] == 1


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", {"get"}), ("write", {"post"}), ("notify", set()), ("jobs", set())]
)
def test_a_token_is_good_for_its_scopes_alone(private: Chat, bob: User, scope: str, allowed: set[str]) -> None:
    program, address = Program(bob, scope), f"chats/{private.pk}/messages"
    for name, answer, needed in (
        ("get", program.get(address), "read"),
        ("post", program.post(address, text="Hello"), "write"),
    ):
        if name in allowed:
            assert answer.status_code in {200, 201}
        else:
            assert problem(answer, 403) == f"This token is not good for that: it needs the scope {needed}."
            assert f'scope="{needed}"' in answer["WWW-Authenticate"]


def test_a_session_opens_nothing_here(private: Chat, bob: User) -> None:
    client = Client()
    client.force_login(bob)
    answer = client.post(f"/api/v1/chats/{private.pk}/messages", {"text": "Hello"}, content_type="application/json")
    assert problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert not private.messages.exists()


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 10_001, "", 7, None, ["a"], {}])
def test_what_cannot_be_said_is_refused(private: Chat, bob: User, text: Any) -> None:
    assert problem(Program(bob).post(f"chats/{private.pk}/messages", text=text), 422)
    assert not private.messages.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "101"},
        {"limit": "nan"},
        {"limit": "1_0"},
        {"limit": " 1"},
        {"before": "9223372036854775808"},
        {"after": "-1"},
        {"after": "1.0"},
        {"changed_after": "x"},
    ],
)
def test_numbers_that_are_none_are_refused(private: Chat, bob: User, query: dict[str, str]) -> None:
    assert problem(Program(bob).get(f"chats/{private.pk}/messages?{urlencode(query)}"), 422)


@pytest.mark.parametrize("pk", ["9223372036854775808", "0", "-1", "x", "99999999999999999999999"])
def test_no_number_of_a_chat_is_an_error_of_the_site(bob: User, pk: str) -> None:
    for address in (f"chats/{pk}", f"chats/{pk}/messages", f"messages/{pk}"):
        assert Program(bob).get(address).status_code in {404, 422}


def test_a_misspelt_field_is_not_dropped(private: Chat, bob: User) -> None:
    answer = Program(bob).post(f"chats/{private.pk}/messages", text="Yes.", replyto=7)
    assert "replyto" in problem(answer, 422)
    assert answer.json()["errors"][0]["at"][-1] == "replyto"
    assert not private.messages.exists()


def test_who_posts_too_often_hears_how_long_to_wait(private: Chat, bob: User, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "posts": "2/1m"}
    program, address = Program(bob), f"chats/{private.pk}/messages"
    answers = [program.post(address, text=str(number)) for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"2"}
    assert "Try again in" in problem(answers[2], 429)
    assert answers[2]["Retry-After"] == answers[2]["RateLimit-Reset"] == "60"
    assert private.messages.count() == 2
