"""How a file is answered: as what, in which parts, and with what keeps it from being a page."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from messaging.attachments import kinds
from messaging.models import Attachment, Chat
from tests.conftest import signed_in
from tests.messaging.attachments import samples
from tests.messaging.attachments.test_uploading import address, content, sent

pytestmark = pytest.mark.django_db
DATA = bytes(range(256)) * 4


@pytest.fixture
def file(room: Chat, alice: User) -> Attachment:
    return sent(alice, room, DATA, "data.bin")


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("", 200, 0, 1024),
        ("bytes=0-", 206, 0, 1024),
        ("bytes=0-99", 206, 0, 100),
        ("bytes=1000-", 206, 1000, 1024),
        ("bytes=1000-5000", 206, 1000, 1024),
        ("bytes=-24", 206, 1000, 1024),
        ("bytes=-5000", 206, 0, 1024),
        ("bytes=0-1,5-9", 200, 0, 1024),
        ("bytes=-", 200, 0, 1024),
        ("lines=1-2", 200, 0, 1024),
        ("bytes=9-5", 416, 0, 0),
        ("bytes=1024-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
    ],
)
def test_parts_are_served(file: Attachment, alice: User, asked: str, status: int, start: int, end: int) -> None:
    answer = signed_in(alice).get(address(file), headers={"Range": asked})
    assert (answer.status_code, content(answer)) == (status, DATA[start:end])
    if status == 206:
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/1024"
    if status == 416:
        assert answer["Content-Range"] == "bytes */1024"
    else:
        assert answer["Content-Length"] == str(end - start)


def test_a_part_of_what_it_was_once_is_all_of_it(file: Attachment, alice: User) -> None:
    client = signed_in(alice)
    tag = client.get(address(file))["ETag"]
    for given, status in ((tag, 206), ('"another"', 200)):
        answer = client.get(address(file), headers={"Range": "bytes=0-9", "If-Range": given})
        assert answer.status_code == status


def test_the_head_says_what_the_file_would(file: Attachment, alice: User) -> None:
    answer = signed_in(alice).head(address(file))
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", "1024")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<!doctype html><script>alert(1)</script>", "page.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "drawing.svg"),
        (b"%PDF-1.7 /JavaScript", "paper.pdf"),
        (b"alert(1)", "script.js"),
        (b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0", "utf16.txt"),
        (samples.packed(), "a.zip"),
    ],
)
def test_what_could_be_active_is_only_saved(room: Chat, alice: User, data: bytes, name: str) -> None:
    answer = signed_in(alice).get(address(sent(alice, room, data, name)))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    expect_inert(answer)


def test_what_is_shown_is_inert_as_well(room: Chat, alice: User) -> None:
    for name, data in samples.told().items():
        answer = signed_in(alice).get(address(sent(alice, room, data, "x")))
        assert answer["Content-Type"] in kinds.SHOWN, name
        assert answer["Content-Disposition"].startswith("inline")
        expect_inert(answer)


def expect_inert(answer: Any) -> None:
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_it_is_saved_under_its_name_whatever_that_has(room: Chat, alice: User) -> None:
    file = sent(alice, room, samples.picture("PNG"), 'grüße "1".png')
    answer = signed_in(alice).get(f"{address(file)}?download")
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''gr%C3%BC%C3%9Fe%20%221%22.png"


def test_a_proxy_that_can_sends_it_by_itself(file: Attachment, alice: User, carol: User, settings: Any) -> None:
    settings.X_ACCEL_REDIRECT = "/files-of-bellwire/"
    answer = signed_in(alice).get(address(file), headers={"Range": "bytes=0-9"})
    assert answer["X-Accel-Redirect"] == f"/files-of-bellwire/{file.pk.hex[:2]}/{file.pk.hex}.original"
    assert answer.content == b""
    assert answer["Content-Disposition"] == 'attachment; filename="data.bin"'
    expect_inert(answer)
    assert "X-Accel-Redirect" not in signed_in(carol).get(address(file))
