"""Files in a bucket: by a server that speaks S3, as a process of its own."""

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from PIL import Image

from messaging import tasks
from messaging.attachments import storage
from messaging.models import Attachment, Chat
from project.storage import attachments
from tests.conftest import signed_in
from tests.live.stack import free_port, until
from tests.messaging.attachments import samples
from tests.messaging.attachments.test_posting import said
from tests.messaging.attachments.test_uploading import address, content, send, sent

pytestmark = pytest.mark.django_db
DATA = bytes(range(256)) * 80_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with an empty bucket."""
    port = free_port()
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("w") as file:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        until(lambda: _answers(port), timeout=60)
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **_KEYS)
        client.create_bucket(Bucket="files")
        yield f"s3://alice:secret@127.0.0.1:{port}/files?region=us-east-1&tls=off"
    finally:
        process.terminate()
        process.wait()


_KEYS = {"aws_access_key_id": "alice", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


def _answers(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/").status_code > 0
    return False


@pytest.fixture
def bucket(server: str, settings: Any) -> Any:
    """The bucket that files are in."""
    settings.STORAGES = {**settings.STORAGES, "attachments": attachments(server)}
    storing: Any = storage.place()
    return storing.bucket


def names(bucket: Any) -> set[str]:
    return {each.key for each in bucket.objects.all()}


def test_files_are_sent_to_and_served_from_a_bucket(
    bucket: Any, own_files: Path, room: Chat, alice: User, bob: User
) -> None:
    file = sent(alice, room, DATA, "data.bin")
    said(alice, room, file)
    assert content(signed_in(bob).get(address(file))) == DATA
    part = signed_in(bob).get(address(file), headers={"Range": "bytes=20000000-20000009"})
    assert (part.status_code, content(part)) == (206, DATA[20_000_000:20_000_010])
    assert names(bucket) == {storage.name(file.pk, storage.ORIGINAL)}
    assert not own_files.exists(), "nothing lies here"


def test_a_picture_in_a_bucket_has_its_small_copy_there(bucket: Any, room: Chat, alice: User) -> None:
    file = sent(alice, room, samples.picture("JPEG", samples.noise((900, 600)), exif=samples.exif(1)), "a.jpg")
    said(alice, room, file)
    tasks.make_previews(str(file.pk))
    assert Image.open(io.BytesIO(content(signed_in(alice).get(address(file, "thumbnail/"))))).size == (480, 320)
    assert samples.MAKER not in bucket.Object(storage.name(file.pk, storage.ORIGINAL)).get()["Body"].read()


def test_deleting_a_message_empties_the_bucket(bucket: Any, room: Chat, alice: User) -> None:
    before = names(bucket)
    file = sent(alice, room, samples.picture("PNG"), "a.png")
    message = said(alice, room, file)
    tasks.make_previews(str(file.pk))
    assert len(names(bucket) - before) == 2
    message.delete_body()
    tasks.delete_left_files()
    assert names(bucket) == before
    assert not Attachment.objects.exists()


def test_a_proxy_is_not_led_to_a_bucket(bucket: Any, room: Chat, alice: User, settings: Any) -> None:
    settings.X_ACCEL_REDIRECT = "/files-of-bellwire/"
    assert content(signed_in(alice).get(address(sent(alice, room)))) == b"hello"


def test_a_bucket_that_is_away_is_said(server: str, room: Chat, alice: User, settings: Any) -> None:
    away = f"s3://alice:secret@127.0.0.1:{free_port()}/files?region=us-east-1&tls=off"
    settings.STORAGES = {**settings.STORAGES, "attachments": attachments(away)}
    answer = send(alice, room)
    assert (answer.status_code, b"could not be stored" in answer.content) == (422, True)


@pytest.mark.parametrize("url", ["https://example.org/bucket", "s3://", "bucket"])
def test_an_address_that_is_none_is_an_error_of_the_settings(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ATTACHMENTS_URL is like s3://"):
        attachments(url)


def test_without_a_host_it_is_amazons(monkeypatch: pytest.MonkeyPatch) -> None:
    options = attachments("s3://our-files?region=eu-central-1")["OPTIONS"]
    assert (options["bucket_name"], options["region_name"]) == ("our-files", "eu-central-1")
    assert "endpoint_url" not in options


def test_a_forwarded_file_is_copied_in_the_bucket(bucket: Any, room: Chat, private: Chat, alice: User) -> None:
    first = sent(alice, private, DATA, "data.bin")
    message = said(alice, private, first)
    form = {"chat": room.pk, "body": ""}
    assert signed_in(alice).post(f"/messages/{message.pk}/forward/", form).status_code == 303
    message.delete_body()
    tasks.delete_left_files()
    other = room.messages.get().attachments.get()
    assert storage.name(first.pk, storage.ORIGINAL) not in names(bucket)
    assert storage.name(other.pk, storage.ORIGINAL) in names(bucket)
    assert content(signed_in(alice).get(address(other))) == DATA
