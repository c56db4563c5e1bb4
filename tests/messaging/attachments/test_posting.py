"""Files in messages: how they get there, who sees them, what becomes of them."""

import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from messaging import tasks
from messaging.attachments import storage
from messaging.exports import archive
from messaging.messages.stream import ChatStream
from messaging.models import Attachment, Chat, Message
from messaging.threads.answering import thread_of
from notifications.testing import Event
from tests.conftest import signed_in
from tests.messaging.attachments import samples
from tests.messaging.attachments.test_uploading import address, content, sent

pytestmark = pytest.mark.django_db
PNG = samples.picture("PNG", samples.noise((900, 600)))


def say(user: User, chat: Chat, *files: Attachment, text: str = "", **more: Any) -> Any:
    """Post a message with files as the composer does."""
    form = {"body": text, "client_id": uuid.uuid4(), "files": [str(file.pk) for file in files], **more}
    return signed_in(user).post(f"/chats/{chat.pk}/messages/", form)


def said(user: User, chat: Chat, *files: Attachment, **more: Any) -> Message:
    """Post it, which is taken; return the message."""
    answer = say(user, chat, *files, **more)
    assert answer.status_code == 303, answer.content.decode()
    return chat.messages.latest("number")


def shown(user: User, chat: Chat) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(chat.get_absolute_url()).content, "html.parser")


def test_a_message_may_be_files_alone(room: Chat, alice: User, bob: User) -> None:
    first, second = sent(alice, room, name="a.txt"), sent(alice, room, name="b.txt")
    message = said(alice, room, second, first)
    assert message.body == ""
    assert [link.text for link in shown(bob, room).select("#messages .file-name")] == ["b.txt", "a.txt"]
    assert content(signed_in(bob).get(address(first))) == b"hello"


def test_a_message_of_nothing_is_still_none(room: Chat, alice: User) -> None:
    assert say(alice, room).status_code == 422
    assert say(alice, room, text=" ").status_code == 422


def test_a_picture_has_its_room_before_it_is_there(room: Chat, alice: User, bob: User) -> None:
    file = sent(alice, room, PNG, "a.png")
    message = said(alice, room, file, text="look", **{f"description.{file.pk}": " A red\ncorner"})
    before = shown(bob, room).select_one("#messages .file img")
    tasks.make_previews(str(file.pk))
    after = shown(bob, room).select_one("#messages .file img")
    assert before["src"].startswith("data:image/svg+xml,")
    assert after["src"] == address(file, "thumbnail/")
    assert {each: before[each] for each in ("width", "height", "alt")} == {
        "width": "360",
        "height": "240",
        "alt": "A red corner",
    }
    assert {each: after[each] for each in ("width", "height", "alt")} == {
        each: before[each] for each in ("width", "height", "alt")
    }
    # Whoever was away is told of it as of any change.
    (changed,) = BeautifulSoup(ChatStream().changes(room.pk, message.created_seq).html, "html.parser").select("img")
    assert changed["src"] == after["src"]


def test_what_was_made_before_the_post_is_shown_with_it(room: Chat, alice: User) -> None:
    file = sent(alice, room, PNG, "a.png")
    tasks.make_previews(str(file.pk))
    message = said(alice, room, file)
    assert message.parts["files"][0]["is_made"]
    assert message.changed_seq == message.created_seq


def test_a_picture_that_cannot_be_shown_becomes_a_file(room: Chat, alice: User) -> None:
    cut = sent(alice, room, samples.picture("JPEG", samples.noise((300, 300)))[:-2000] + b"\xff\xd9", "a.jpg")
    said(alice, room, cut)
    with storage.opened(cut.pk, storage.ORIGINAL) as kept:
        head = kept.read(300)
    storage.put(cut.pk, storage.ORIGINAL, io.BytesIO(head))
    tasks.make_previews(str(cut.pk))
    assert shown(alice, room).select_one("#messages .file-line")["href"] == f"{address(cut)}?download"


@pytest.mark.parametrize("whose", ["carol", "another chat", "sent already", "none", "nonsense"])
def test_only_ones_own_files_of_this_chat_can_be_said(
    room: Chat, private: Chat, alice: User, bob: User, carol: User, whose: str
) -> None:
    made = {
        "carol": lambda: sent(carol, room).pk,
        "another chat": lambda: sent(alice, private).pk,
        "sent already": lambda: said(alice, room, sent(alice, room)).attachments.get().pk,
        "none": uuid.uuid4,
        "nonsense": lambda: "../../etc/passwd",
    }
    key = made[whose]()
    count = Message.objects.count()
    answer = signed_in(alice).post(f"/chats/{room.pk}/messages/", {"body": "with a file", "files": [str(key)]})
    if whose == "nonsense":
        assert answer.status_code == 303
        assert not room.messages.latest("number").parts
    else:
        assert answer.status_code == 422
        assert "is not there any more" in answer.content.decode()
        assert "with a file</textarea>" in answer.content.decode()
        assert Message.objects.count() == count


def test_the_same_form_twice_is_one_message(room: Chat, alice: User) -> None:
    file, client_id = sent(alice, room), uuid.uuid4()
    assert [say(alice, room, file, client_id=client_id).status_code for _ in range(2)] == [303, 303]
    assert Message.objects.count() == 1
    other = sent(alice, room)
    assert say(alice, room, other, client_id=client_id).status_code == 422


def test_a_message_has_so_many_files_at_most(room: Chat, alice: User, settings: Any) -> None:
    settings.ATTACHMENTS_PER_MESSAGE = 2
    files = [sent(alice, room) for _ in range(3)]
    answer = say(alice, room, *files, text="three")
    assert answer.status_code == 422
    assert "A message can have 2 files." in answer.content.decode()
    page = BeautifulSoup(answer.content, "html.parser")
    assert len(page.select(".kept [name=files]")) == 3, "one can be left out"
    assert said(alice, room, *files[:2]).attachments.count() == 2


def plain(client: Client, chat: Chat, *files: tuple[str, bytes], **form: Any) -> Any:
    """Post a form as a browser without scripts does."""
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(f"/chats/{chat.pk}/messages/", {"body": "", **form, "new_files": uploads})


def test_without_scripts_the_form_brings_the_files(room: Chat, alice: User) -> None:
    assert plain(signed_in(alice), room, ("a.txt", b"a"), ("b.png", PNG), body="both").status_code == 303
    message = room.messages.get()
    assert [file["name"] for file in message.parts["files"]] == ["a.txt", "b.png"]


def test_what_is_refused_leaves_the_text_and_the_other_files(room: Chat, alice: User) -> None:
    client = signed_in(alice)
    answer = plain(client, room, ("a.txt", b"a"), ("b.png", b"no picture"), ("c.txt", b""), body="all of this")
    page = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 422
    reasons = " ".join(reason.text for reason in page.select("#composer-reasons .composer-error:not([hidden])"))
    assert "b.png: By its name it is something else, but it is text." in reasons
    assert page.select_one("#composer textarea").text.strip() == "all of this"
    (kept,) = page.select(".kept [name=files]")
    form = {"body": "all of this", "files": [kept["value"]]}
    assert client.post(f"/chats/{room.pk}/messages/", form).status_code == 303
    assert [file["name"] for file in room.messages.get().parts["files"]] == ["a.txt"]


def test_an_outsider_reaches_nothing_of_a_chat(private: Chat, alice: User, bob: User, carol: User) -> None:
    file = sent(alice, private, PNG, "a.png")
    said(alice, private, file)
    tasks.make_previews(str(file.pk))
    former = signed_in(bob)
    addresses = [address(file, what) for what in ("", "content/", "thumbnail/")]
    assert {former.get(each).status_code for each in addresses} == {200}
    private.ban(bob, alice)
    for client in (former, signed_in(carol)):
        assert {client.get(each).status_code for each in addresses} == {404}
        assert client.post(addresses[0], {"description": "mine"}).status_code == 404
    assert plain(signed_in(carol), private, ("a.txt", b"a")).status_code == 404
    assert Attachment.objects.count() == 1


def test_only_who_sent_it_describes_it(room: Chat, alice: User, bob: User) -> None:
    file = sent(alice, room, PNG, "a.png")
    said(alice, room, file)
    assert signed_in(bob).post(address(file, ""), {"description": "mine"}).status_code == 404
    assert signed_in(bob).delete(address(file, "")).status_code == 404
    assert signed_in(alice).delete(address(file, "")).status_code == 404, "it goes with its message"
    assert signed_in(alice).post(address(file, ""), {"description": "A corner"}).status_code == 303
    assert shown(bob, room).select_one("#messages .file img")["alt"] == "A corner"


def test_deleting_a_message_deletes_its_files_everywhere(room: Chat, alice: User, bob: User) -> None:
    file = sent(alice, room, PNG, "a.png")
    message = said(alice, room, file)
    tasks.make_previews(str(file.pk))
    message.delete_body()
    assert signed_in(bob).get(address(file)).status_code == 404
    assert "a.png" not in str(shown(bob, room).select_one("#messages"))
    tasks.delete_left_files()
    assert not Attachment.objects.exists()
    for what in (storage.ORIGINAL, storage.THUMBNAIL):
        with pytest.raises(FileNotFoundError):
            storage.size(file.pk, what)


def test_deleting_a_chat_deletes_its_files_and_no_others(room: Chat, private: Chat, alice: User) -> None:
    gone, waiting, stays = sent(alice, room), sent(alice, room), sent(alice, private)
    said(alice, room, gone)
    said(alice, private, stays)
    room.delete()
    tasks.delete_left_files()
    assert list(Attachment.objects.all()) == [stays]
    for file in (gone, waiting):
        with pytest.raises(FileNotFoundError):
            storage.size(file.pk, storage.ORIGINAL)
    assert storage.size(stays.pk, storage.ORIGINAL) == 5


def test_what_a_storage_does_not_delete_is_deleted_later(
    room: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sent(alice, room)
    said(alice, room, file).delete_body()
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", lambda key: 1 / 0)
        tasks.delete_left_files()
    assert Attachment.objects.filter(pk=file.pk).exists()
    tasks.delete_left_files()
    assert not Attachment.objects.exists()


def test_what_was_sent_and_never_said_goes_after_a_day(room: Chat, alice: User) -> None:
    _, new, in_message = (sent(alice, room, name=name) for name in ("old", "new", "in a message"))
    said(alice, room, in_message)
    Attachment.objects.exclude(pk=new.pk).update(created_at=timezone.now() - timedelta(hours=25))
    tasks.delete_left_files()
    assert set(Attachment.objects.all()) == {new, in_message}


def test_the_bell_says_what_came(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    file = sent(alice, chat, PNG, "a.png")
    message = said(alice, chat, file)
    tasks.notify_members(message.pk)
    assert bob.inbox.notifications.get().text == "Alice: Picture: a.png"


def test_members_are_pushed_the_files_and_nobody_else(
    private: Chat, alice: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    file = sent(alice, private, PNG, "a.png")
    with django_capture_on_commit_callbacks(execute=True):
        said(alice, private, file)
    told = {event["group"] for event in pushes if str(file.pk) in event.get("html", "")}
    assert told == {f"chat.{private.pk}"}


class _Quiet:
    total = 0

    def advance(self, count: int) -> None:
        """Count nothing."""


def test_an_export_has_the_files(room: Chat, alice: User) -> None:
    first = sent(alice, room, PNG, 'a "1".png')
    said(alice, room, first, sent(alice, room), text="both")
    said(alice, room, sent(alice, room, name="gone.txt")).delete_body()
    target = io.BytesIO()
    room.refresh_from_db()
    archive.write(target, room, alice, _Quiet())  # type: ignore[arg-type]  # as much of a progress as is asked for
    with zipfile.ZipFile(target) as file:
        assert sorted(file.namelist()) == [
            "files/1-1 a _1_.png",
            "files/1-2 notes.txt",
            "index.html",
            "messages.json",
        ]
        assert len(file.read("files/1-1 a _1_.png")) == first.size
        data = json.loads(file.read("messages.json"))
        page = BeautifulSoup(file.read("index.html"), "html.parser")
    assert [each["path"] for each in data["messages"][0]["files"]] == ["files/1-1 a _1_.png", "files/1-2 notes.txt"]
    assert data["messages"][1]["files"] == []
    assert page.select_one(".file a")["href"] == "files/1-1%20a%20_1_.png"


def test_the_text_beside_files_can_be_edited_to_nothing_and_no_other(room: Chat, alice: User, bob: User) -> None:
    message = said(alice, room, sent(alice, room, name="a.txt"), text="take these")
    assert signed_in(alice).post(message.get_absolute_url(), {"body": " \n"}).status_code == 303
    message.refresh_from_db()
    assert (message.body, message.html) == ("", "")
    page = shown(bob, room).select_one("#messages article")
    assert page.select_one(".message-body").text.strip() == ""
    assert page.select_one(".file-name").text == "a.txt"
    assert signed_in(alice).post(message.get_absolute_url(), {"body": "again"}).status_code == 303
    plain = room.post(alice, "only words")
    assert signed_in(alice).post(plain.get_absolute_url(), {"body": " "}).status_code == 422


def test_files_alone_in_a_thread_can_be_sent_to_its_chat_too(room: Chat, alice: User, bob: User) -> None:
    root = room.post(bob, "Where is it?")
    thread = thread_of(root)
    answer = said(alice, thread, sent(alice, thread, name="a.txt"), also="1")
    copy = room.messages.latest("number")
    assert copy.body == ""
    assert shown(bob, room).select("#messages article")[-1].select_one(".copied a").text == "Answer in a thread"
    answer.edit("There.")
    answer.edit("")
    copy.refresh_from_db()
    assert copy.body == ""
