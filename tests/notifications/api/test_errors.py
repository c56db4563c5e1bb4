"""Errors of the API: all of one form, also those that no operation has made."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, override_settings

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from notifications.api import idempotency
from notifications.limits.windows import digest
from notifications.models import Token
from tests.conftest import signed_in
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


def test_an_address_that_there_is_not(client: Client, alice: User) -> None:
    for address in ("/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/chats", "/api/v1/chats/"):
        for browser in (client, signed_in(alice)):
            assert problem(browser.get(address), 404)
    assert problem(client.get("/api/v1/chats?x=%00"), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_a_method_that_is_not_for_it(alice: User, method: str) -> None:
    answer = Program(alice).send(method, "token", {})
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Allow"] == "GET"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[" * 10_000, '{"text": NaN', "9" * 5000, b"\xff"],
    ids=["nothing", "half", "deep", "nan", "long", "bytes"],
)
def test_what_is_no_json(alice: User, private: Chat, content: Any) -> None:
    program = Program(alice)
    answer = program.client.generic("POST", f"/api/v1/chats/{private.pk}/messages", content, "application/json")
    assert problem(answer, 422 if content == "" else 400)


def test_a_body_that_is_too_large(alice: User, private: Chat) -> None:
    answer = Program(alice).post(f"chats/{private.pk}/messages", text="x" * 2_700_000)
    assert problem(answer, 413)


def test_a_host_that_is_not_the_sites(alice: User) -> None:
    program = Program(alice)
    assert problem(program.client.get("/api/v1/token", headers={"Host": "evil.example"}), 400)


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_the_site_tells_nothing_of_it(alice: User, monkeypatch: pytest.MonkeyPatch, debug: bool) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a secret of the site")

    monkeypatch.setattr(Chat.objects, "visible_to", fail)
    program = Program(alice)
    program.client.raise_request_exception = False
    with override_settings(DEBUG=debug):
        answer = program.get("chats/1/messages")
    assert problem(answer, 500)
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer bw_x", "Basic YWxpY2U6eA==", "bw_x", "Bearer ä", "Bearer \x00"]
)
def test_without_a_token_that_is_good_nothing_is_answered(db: None, header: str) -> None:
    answer = Client(headers={"Authorization": header} if header else {}).get("/api/v1/token")
    assert problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_says_whose_it_is_and_what_it_is_good_for(alice: User) -> None:
    program = Program(alice, "read")
    said = program.get("token").json()
    assert (said["username"], said["scopes"], said["id"]) == ("alice", ["read"], program.token.pk)
    Token.objects.all().delete()
    assert "revoked" in problem(program.get("token"), 401)


def test_too_many_requests_of_one_person(alice: User, bob: User, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "api": "2/1m"}
    answers = [Program(alice).get("token") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2]["Retry-After"]
    assert Program(bob).get("token").status_code == 200


def test_a_key_whose_request_is_being_answered(alice: User, private: Chat) -> None:
    program, address = Program(alice), f"chats/{private.pk}/messages"
    running = f"api-running:{digest(alice.pk, f'/api/v1/{address}', '7')}"
    cache.add(running, "", idempotency.LONGEST_RUN)
    assert "being answered" in problem(program.post(address, key="7", text="Once"), 409)
    cache.delete(running)
    assert program.post(address, key="7", text="Once").status_code == 201
    assert Message.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 201, "a b", "ä"])
def test_a_key_that_is_none(alice: User, private: Chat, key: str) -> None:
    assert problem(Program(alice).post(f"chats/{private.pk}/messages", key=key, text="Once"), 422)


def test_elsewhere_errors_are_pages_as_ever(client: Client) -> None:
    answer = client.get("/apiary/", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_the_document_is_for_everybody_and_its_page_for_who_is_signed_in(client: Client, alice: User) -> None:
    document = client.get("/api/v1/openapi.json")
    assert document.json()["openapi"] == "3.1.0"
    assert client.get("/api/v1/docs").status_code == 302
    page = signed_in(alice).get("/api/v1/docs")
    assert page.status_code == 200
    assert b"/api/v1/chats/{chat}/messages" in page.content
    for path, operations in document.json()["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert {"401", "429"} <= set(operation["responses"])
            assert f'id="{operation["operationId"]}"'.encode() in page.content
