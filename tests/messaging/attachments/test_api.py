"""Files for programs: sent with a message, fetched with a token, by nobody who may not read the message."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from messaging.attachments.models import Attachment
from messaging.models import Chat
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


def file(name: str = "plan.txt", content: bytes = b"Launch on Friday") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/plain")


def path(url: str) -> str:
    return url.partition("/api/v1/")[2]


def body(answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    assert answer.status_code == 200
    return async_to_sync(read)()


def test_a_program_posts_files_and_fetches_one(private: Chat, bob: User) -> None:
    program = Program(bob)
    said = program.form(f"chats/{private.pk}/files", text="The plan", files=[file(), file("b.txt", b"B")])
    assert said.status_code == 201, said.content
    found = said.json()
    assert (found["text"], [each["name"] for each in found["files"]]) == ("The plan", ["plan.txt", "b.txt"])
    fetched = program.get(path(found["files"][0]["url"]))
    assert body(fetched) == b"Launch on Friday"
    assert "sandbox" in fetched["Content-Security-Policy"]


def test_nobody_else_does(private: Chat, alice: User, bob: User, carol: User) -> None:
    url = Program(bob).form(f"chats/{private.pk}/files", files=file()).json()["files"][0]["url"]
    assert body(Program(alice).get(path(url)))
    assert problem(Program(carol).get(path(url)), 404)
    assert problem(Program(carol).form(f"chats/{private.pk}/files", files=file()), 404)
    private.ban(bob, alice)
    assert problem(Program(bob).get(path(url)), 404)
    assert Attachment.objects.count() == 1


def test_a_form_that_is_sent_again_posts_once(private: Chat, bob: User) -> None:
    program, address = Program(bob), f"chats/{private.pk}/files"
    answers = [program.form(address, key="7", files=file()).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert private.messages.count() == Attachment.objects.count() == 1
    assert "something else" in problem(program.form(address, key="7", files=file(content=b"Other")), 422)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "No file"},
        {"files": "no file"},
        {"files": SimpleUploadedFile("empty.txt", b"")},
        {"files": [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(11)]},
        {"files": SimpleUploadedFile("a.txt", b"x"), "client_id": "7"},
        {"files": SimpleUploadedFile("a.txt", b"x"), "text": "a\0b"},
    ],
)
def test_what_is_no_message_with_files_is_refused(private: Chat, bob: User, fields: dict[str, Any]) -> None:
    assert problem(Program(bob).form(f"chats/{private.pk}/files", **fields), 422)
    assert not private.messages.exists()
