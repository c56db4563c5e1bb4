"""Sending files: what is taken, what is refused and why, and who gets to see them."""

import io
import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from messaging import tasks
from messaging.attachments import cleaning, pictures, previews, storage, uploading
from messaging.attachments.models import MOST_WAITING
from messaging.models import Attachment, Chat
from tests.conftest import signed_in
from tests.messaging.attachments import samples

pytestmark = pytest.mark.django_db


def send(user: User, chat: Chat, data: bytes = b"hello", name: str = "notes.txt", content_type: str = "") -> Any:
    """Send a file as the page's script does."""
    file = SimpleUploadedFile(name, data, content_type or "application/octet-stream")
    return signed_in(user).post(f"/chats/{chat.pk}/files/", {"file": file}, headers={"HX-Request": "true"})


def sent(user: User, chat: Chat, data: bytes = b"hello", name: str = "notes.txt") -> Attachment:
    """Send a file that is taken; return it."""
    answer = send(user, chat, data, name)
    assert answer.status_code == 200, answer.content
    return Attachment.objects.get(pk=str(BeautifulSoup(answer.content, "html.parser").li["data-key"]))


def content(response: Any) -> bytes:
    """Return what comes, in however many pieces."""

    async def read() -> bytes:
        return b"".join([part async for part in response])

    return async_to_sync(read)() if response.streaming else bytes(response.content)


def address(file: Attachment, what: str = "content/") -> str:
    return f"/files/{file.pk}/{what}"


def test_a_file_that_was_sent_stands_above_the_composer(room: Chat, alice: User) -> None:
    line = BeautifulSoup(send(alice, room).content, "html.parser")
    file = Attachment.objects.get()
    assert line.select_one("[name=files]")["value"] == str(file.pk)
    assert "notes.txt" in line.text
    assert (file.chat, file.owner, file.message, file.size, file.kind) == (room, alice, None, 5, "file")
    assert content(signed_in(alice).get(address(file))) == b"hello"


def test_nobody_else_sees_it_before_it_is_in_a_message(room: Chat, alice: User, bob: User) -> None:
    file = sent(alice, room, samples.picture("PNG"), "a.png")
    for what in ("", "content/", "thumbnail/", "large/"):
        assert signed_in(bob).get(address(file, what)).status_code == 404
    assert signed_in(bob).delete(address(file, "")).status_code == 404
    assert Attachment.objects.get().chat == room


def test_who_may_not_write_there_cannot_send_a_file(private: Chat, bob: User, carol: User, alice: User) -> None:
    assert send(carol, private).status_code == 404
    private.ban(bob, alice)
    assert send(bob, private).status_code == 404
    assert not Attachment.objects.exists()


def test_it_can_be_taken_back(room: Chat, alice: User) -> None:
    file = sent(alice, room)
    assert signed_in(alice).delete(address(file, "")).status_code == 204
    assert signed_in(alice).get(address(file)).status_code == 404
    cleaning.delete_left()
    assert not Attachment.objects.exists()
    with pytest.raises(FileNotFoundError):
        storage.size(file.pk, storage.ORIGINAL)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "empty.txt", "empty.txt: It is empty."),
        (b"x" * 1001, "long.bin", "long.bin: It has 1001 bytes; up to 1000 bytes can be sent."),
        (b"<script>alert(1)</script>", "photo.png", "photo.png: By its name it is something else, but it is text."),
        (samples.bomb(2**31), "bomb.zip", "bomb.zip: Unpacked, it would be far too large."),
        (samples.too_many_pixels()[:900], "big.png", "big.png: It has 60000 by 60000 pixels; 50 million may be."),
    ],
)
def test_what_is_refused_is_refused_by_name(
    room: Chat, alice: User, settings: Any, data: bytes, name: str, says: str
) -> None:
    settings.ATTACHMENT_SIZE = 1000
    answer = send(alice, room, data, name)
    assert (answer.status_code, answer.content.decode().replace("\xa0", " ")) == (422, says)
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_is_told_so(room: Chat, alice: User) -> None:
    answer = signed_in(alice).post(f"/chats/{room.pk}/files/", {"file": "no file"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("name", "is_called"),
    [
        ("../../etc/passwd", "passwd"),
        ("  a \t b.txt ", "a b.txt"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("\u200b", "file"),
        ("...", "file"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
        ("<b>.png\0", "<b>.png"),
        ("你好.txt", "你好.txt"),
    ],
)
def test_names_are_one_line_of_what_can_be_seen(name: str, is_called: str) -> None:
    assert uploading.clean_name(SimpleUploadedFile(name.replace("\0", ""), b"").name or "") == is_called
    assert uploading.clean_name(name.rpartition("/")[2]) == is_called


@pytest.mark.parametrize("name", samples.told())
def test_what_is_kept_of_a_picture_tells_nothing_of_its_making(room: Chat, alice: User, name: str) -> None:
    file = sent(alice, room, samples.told()[name], "photo")
    kept = content(signed_in(alice).get(address(file)))
    assert samples.MAKER not in kept
    assert len(kept) == file.size
    assert file.kind == "picture"
    assert (file.width, file.height) in {samples.SIZE, samples.SIZE[::-1], (96, 64)}


def test_a_picture_that_nobody_can_show_is_a_file_to_save(room: Chat, alice: User) -> None:
    file = sent(alice, room, b"\x89PNG\r\n\x1a\n and no more", "a.png")
    answer = signed_in(alice).get(address(file))
    assert (file.kind, file.previews) == ("file", "")
    assert answer["Content-Disposition"] == 'attachment; filename="a.png"'
    assert answer["Content-Type"] == "application/octet-stream"


def test_the_worker_makes_a_small_copy(room: Chat, alice: User) -> None:
    file = sent(alice, room, samples.picture("JPEG", samples.noise((1600, 900))), "a.jpg")
    assert signed_in(alice).get(address(file, "thumbnail/")).status_code == 404
    tasks.make_previews(str(file.pk))
    answer = signed_in(alice).get(address(file, "thumbnail/"))
    assert answer["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(content(answer))).size == (480, 270)
    file.refresh_from_db()
    assert file.shown_size == (360, 202)


def test_a_phones_picture_has_a_large_copy_that_every_browser_shows(room: Chat, alice: User) -> None:
    file = sent(alice, room, samples.told()["heic"], "IMG_1.HEIC")
    previews.make(file)
    file.refresh_from_db()
    assert file.has_large
    assert Image.open(io.BytesIO(content(signed_in(alice).get(address(file, "large/"))))).size == (96, 64)


def test_a_picture_that_kills_its_worker_does_so_three_times_at_most(
    room: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, tries = sent(alice, room, samples.picture("PNG"), "a.png"), []

    def kill(*arguments: Any) -> None:
        tries.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(pictures, "copy", kill)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            previews.make(file)
    previews.make(file)
    file.refresh_from_db()
    assert (len(tries), file.previews, file.is_picture) == (3, "failed", False)


def test_what_was_deleted_while_its_copy_was_made_leaves_nothing(
    room: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sent(alice, room, samples.picture("PNG"), "a.png")
    made = pictures.copy

    def late(*arguments: Any) -> bytes:
        Attachment.objects.give_up()
        cleaning.delete_left()
        return made(*arguments)

    monkeypatch.setattr(pictures, "copy", late)
    previews.make(file)
    with pytest.raises(FileNotFoundError):
        storage.size(file.pk, storage.THUMBNAIL)


def test_a_storage_that_is_down_is_said_and_nothing_is_left(
    room: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*arguments: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(storage, "put", down)
    answer = send(alice, room)
    assert (answer.status_code, answer.content) == (422, b"notes.txt: It could not be stored. Try again in a moment.")
    assert not Attachment.objects.exclude(chat=None).exists()


def test_forms_that_nobody_sends_do_not_pile_up(room: Chat, alice: User) -> None:
    first = sent(alice, room)
    for number in range(MOST_WAITING):
        sent(alice, room, name=f"{number}.txt")
    assert Attachment.objects.waiting(alice).count() == MOST_WAITING
    assert not Attachment.objects.waiting(alice).filter(pk=first.pk).exists()


def test_too_many_in_a_short_time_are_answered_so(room: Chat, alice: User, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "uploads": "1/1h"}
    assert send(alice, room).status_code == 200
    answer = send(alice, room)
    assert answer.status_code == 429
    assert "Try again in" in answer.content.decode()


def test_its_owner_says_what_is_to_be_seen_in_it(room: Chat, alice: User, bob: User) -> None:
    file = sent(alice, room, samples.picture("PNG"), "a.png")
    client = signed_in(alice)
    assert client.post(address(file, ""), {"description": " A red\ncorner "}).status_code == 303
    page = BeautifulSoup(client.get(address(file, "")).content, "html.parser")
    assert page.select_one("img.file-whole")["alt"] == "A red corner"
    assert client.post(address(file, ""), {"description": "x" * 1001}).status_code == 422
    assert client.post(address(file, ""), {"description": "a\0b"}).status_code == 422


def test_a_key_that_is_none_leads_nowhere(alice: User) -> None:
    assert signed_in(alice).get(f"/files/{uuid.uuid4()}/").status_code == 404
    assert signed_in(alice).get("/files/1/").status_code == 404
