"""Files of a forwarded message: they go along, as files of their own."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging import tasks
from messaging.attachments import storage
from messaging.models import Attachment, Chat, Message
from tests.conftest import signed_in
from tests.messaging.attachments import samples
from tests.messaging.attachments.test_posting import said, shown
from tests.messaging.attachments.test_uploading import address, content, sent
from tests.messaging.forwards.test_forwards import send, soup

pytestmark = pytest.mark.django_db
PNG = samples.picture("PNG", samples.noise((900, 600)))


@pytest.fixture
def message(private: Chat, alice: User) -> Message:
    """One with a picture and a text, and a line of its own."""
    picture, text = sent(alice, private, PNG, "a.png"), sent(alice, private, b"hello", "b.txt")
    tasks.make_previews(str(picture.pk))
    return said(alice, private, picture, text, text="Look", **{f"description.{picture.pk}": "A corner"})


def files(chat: Chat) -> list[Attachment]:
    """Return those of the newest message."""
    return list(chat.messages.latest("number").attachments.in_order())


def stored(where: Path) -> int:
    return sum(path.is_file() for path in where.rglob("*"))


def test_they_go_along_with_their_descriptions_and_small_copies(
    message: Message, room: Chat, bob: User, carol: User
) -> None:
    assert send(bob, message, room, "See:").status_code == 303
    page = shown(carol, room).select_one("#messages")
    assert page.select_one(".file img")["alt"] == "A corner"
    assert page.select_one(".file-name").text == "b.txt"
    picture, text = files(room)
    assert content(signed_in(carol).get(address(text))) == b"hello"
    assert signed_in(carol).get(address(picture, "thumbnail/")).status_code == 200
    line = room.messages.get().line
    assert line.startswith("Bob in General: See: ")
    assert all(part in line for part in ("(forwarded) Look", "Picture: A corner, File: b.txt"))


def test_each_is_seen_by_those_of_its_own_chat_alone(message: Message, room: Chat, bob: User, carol: User) -> None:
    send(bob, message, room)
    first, other = message.attachments.in_order()[1], files(room)[1]
    assert first.pk != other.pk
    assert signed_in(carol).get(address(other)).status_code == 200
    assert signed_in(carol).get(address(first)).status_code == 404
    message.chat.release(bob)
    assert signed_in(bob).get(address(other)).status_code == 200
    assert signed_in(bob).get(address(first)).status_code == 404
    assert "/accounts/login/" in Client().get(address(other))["Location"]


@pytest.mark.parametrize("deleted", [0, 1])
def test_neither_goes_with_the_other_and_the_last_leaves_nothing(
    message: Message,
    room: Chat,
    bob: User,
    own_files: Path,
    deleted: int,
) -> None:
    before = stored(own_files)
    send(bob, message, room)
    both = [message, room.messages.get()]
    left = files(room if deleted == 0 else message.chat)[1]
    both[deleted].delete_body()
    tasks.delete_left_files()
    assert content(signed_in(bob).get(address(left))) == b"hello"
    assert stored(own_files) == before
    both[1 - deleted].delete_body()
    tasks.delete_left_files()
    assert stored(own_files) == 0
    assert not Attachment.objects.exists()


def test_the_same_form_again_copies_nothing_again(
    message: Message,
    room: Chat,
    bob: User,
    own_files: Path,
) -> None:
    form = {"client_id": str(uuid.uuid4())}
    places = set()
    for _ in range(2):
        places.add(send(bob, message, room, **form)["Location"])
    assert len(places) == 1
    assert len(files(room)) == 2
    assert Attachment.objects.count() == 4


def test_files_alone_can_be_forwarded_and_passed_on(private: Chat, room: Chat, alice: User, bob: User) -> None:
    message = said(alice, private, sent(alice, private, b"hello", "b.txt"))
    assert "Forward" in signed_in(bob).get(f"/messages/{message.pk}/menu/").content.decode()
    send(bob, message, room)
    talk = Chat.objects.direct([bob])
    send(bob, room.messages.get(), talk)
    page = shown(bob, talk).select_one("#messages")
    assert page.select_one(".forward strong").text == "Alice"
    assert page.select_one(".file-name").text == "b.txt"


def test_a_file_that_is_gone_meanwhile_is_said(message: Message, room: Chat, bob: User) -> None:
    storage.delete(message.attachments.in_order()[1].pk)
    answer = send(bob, message, room, "my words")
    assert answer.status_code == 422
    assert "not there any more" in soup(answer.content).select_one("main .errorlist").text
    assert soup(answer.content).select_one("[name=body]").text.strip() == "my words"
    assert not room.messages.exists()
    assert not Attachment.objects.filter(message__chat=room).exists()


def test_a_picture_whose_small_copies_are_still_made_gets_its_own(
    private: Chat, room: Chat, alice: User, bob: User
) -> None:
    message = said(alice, private, sent(alice, private, PNG, "a.png"))
    send(bob, message, room)
    (picture,) = files(room)
    tasks.make_previews(str(picture.pk))
    assert shown(bob, room).select_one("#messages .file img")["src"] == address(picture, "thumbnail/")


def test_where_files_cannot_be_linked_they_are_copied(
    message: Message, room: Chat, bob: User, monkeypatch: Any
) -> None:
    def refuse(self: Path, target: Any) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    send(bob, message, room)
    assert content(signed_in(bob).get(address(files(room)[1]))) == b"hello"
