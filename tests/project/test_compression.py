"""Pages are small on their way, and their length tells nothing of what is in them."""

import gzip

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Chat
from tests.conftest import signed_in
from tests.security import everything

pytestmark = pytest.mark.django_db

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_chat_is_a_fifth_of_its_size_and_the_same_page(private: Chat, alice: User) -> None:
    for number in range(50):
        private.post(alice, f"Message {number}.")
    client, address = signed_in(alice), private.get_absolute_url()
    plain, small = client.get(address), client.get(address, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert small["Content-Encoding"] == "gzip"
    assert int(small["Content-Length"]) == len(small.content) < len(plain.content) / 5
    assert b"Message 49." in gzip.decompress(small.content)
    assert "Accept-Encoding" in small["Vary"]


def test_a_part_of_a_page_is_compressed(private: Chat, alice: User) -> None:
    private.post(alice, "Hello.")
    answer = signed_in(alice).get(private.get_absolute_url(), headers=GZIP | {"HX-Request": "true"})
    assert answer["Content-Encoding"] == "gzip"
    assert b"Hello." in gzip.decompress(answer.content)


@pytest.mark.parametrize("address", ["/nowhere/", "/accounts/login/"])
def test_the_same_page_has_many_lengths(address: str) -> None:
    answers = [Client().get(address, headers=GZIP) for _ in range(10)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 1


@pytest.mark.parametrize("address", ["/healthz", "/static/messaging/bell.svg", "/static/notifications/css/base.css"])
def test_what_is_no_page_goes_with_its_length(address: str) -> None:
    plain, same = Client().get(address), Client().get(address, headers=GZIP)
    for answer in (plain, same):
        answer.close()
    assert "Content-Encoding" not in same.headers
    assert same.headers.get("Content-Length") == plain.headers.get("Content-Length")


def test_a_download_is_streamed_as_it_is(private: Chat, alice: User, bob: User) -> None:
    found = everything.things(private, alice, bob)
    roll = found["announcement-roll-csv"]["pk"]
    answer = signed_in(alice).get(f"/announcements/rolls/{roll}/roll.csv", headers=GZIP)
    assert answer.streaming
    assert "Content-Encoding" not in answer.headers
