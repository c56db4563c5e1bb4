"""S7, S30, S36: what people write, call themselves and come from is text, and nothing else, wherever it is shown."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Chat
from notifications.prose import text
from notifications.relay.origins import is_own_origin
from tests.conftest import signed_in
from tests.security.corpora import lines

ATTRIBUTES = {"href", "rel", "target", "start", "value"}
SCHEMES = ("http://", "https://", "mailto:")


def elements(html: str) -> list[Tag]:
    return BeautifulSoup(html, "html.parser").find_all(True)


def working(page: str) -> list[tuple[str, Any, Any]]:
    """Return what of a page does something: scripts, styles, frames, forms, and what htmx or a browser acts on."""
    found = elements(page)
    tags = {"script", "style", "iframe", "object", "embed", "form", "base", "meta", "link", "input", "button", "img"}
    acting = ("on", "hx-", "ws-")
    return [
        (each.name, each.get("src") or each.get("action") or each.get("name"), sorted(set(each.attrs)))
        for each in found
        if each.name in tags or any(name.startswith(acting) for name in each.attrs)
    ]


@pytest.mark.parametrize("origin", lines("origins"))
def test_pages_of_other_sites_open_no_socket(origin: str) -> None:
    assert not is_own_origin(origin, "testserver")
    assert is_own_origin("http://testserver", "testserver")


@pytest.mark.django_db
@pytest.mark.parametrize("origin", lines("origins"))
def test_pages_of_other_sites_send_no_form(private: Chat, bob: User, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    page = BeautifulSoup(client.get(f"/chats/{private.pk}/").content, "html.parser")
    token = page.select_one("[name=csrfmiddlewaretoken]")["value"]
    form = {"csrfmiddlewaretoken": token, "body": "forged", "client_id": str(uuid.uuid4())}
    path = f"/chats/{private.pk}/messages/"
    assert client.post(path, form, headers={"Origin": origin}).status_code == 403
    assert not private.messages.exists()
    assert client.post(path, form, headers={"Origin": "http://testserver"}).status_code == 303


@pytest.mark.parametrize("written", lines("texts"))
def test_a_text_becomes_nothing_but_text_with_its_marks(written: str) -> None:
    for each in elements(text.render(written)):
        assert each.name in text.ALLOWED_TAGS
        assert set(each.attrs) <= ATTRIBUTES
        assert str(each.get("href", "https://")).startswith(SCHEMES)


@pytest.mark.django_db
def test_texts_change_nothing_of_the_page_they_are_on(private: Chat, alice: User, bob: User) -> None:
    client, message = signed_in(bob), private.post(alice, "first")

    def page_with(written: str) -> str:
        message.edit(written)
        return str(client.get(f"/chats/{private.pk}/").content.decode())

    harmless = working(page_with("harmless"))
    for written in lines("texts"):
        assert working(page_with(written)) == harmless, written


@pytest.mark.django_db
@pytest.mark.parametrize("name", lines("names"))
def test_names_are_refused_or_shown_as_they_are(private: Chat, alice: User, bob: User, name: str) -> None:
    owner, reader = signed_in(alice), signed_in(bob)
    private.post(alice, "hello")
    before = [working(reader.get(path).content.decode()) for path in ("/", f"/chats/{private.pk}/")]
    answers = [
        owner.post("/accounts/profile/", {"first_name": name}),
        owner.post(f"/chats/{private.pk}/name/", {"name": name}),
    ]
    assert {answer.status_code for answer in answers} <= {303, 422}
    for path, harmless in zip(("/", f"/chats/{private.pk}/"), before, strict=True):
        page = reader.get(path).content.decode()
        assert working(page) == harmless
        if answers[1].status_code == 303:
            assert name in BeautifulSoup(page, "html.parser").text
