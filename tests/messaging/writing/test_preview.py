"""A preview is what the message would be, and nobody hears of it."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from messaging.models import Chat, Message
from notifications.testing import Event
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TEXT = "Hi @bob, **see** :tada:\n\n```py\nx = 1\n```\n\n| a |\n|---|\n| b |"


def test_a_preview_is_what_the_message_will_be_and_is_posted_to_nobody(
    private: Chat, alice: User, pushes: list[Event]
) -> None:
    answer = signed_in(alice).post(f"{private.get_absolute_url()}preview/", {"body": TEXT}, headers=HTMX)
    assert answer.status_code == 200
    assert not Message.objects.exists()
    assert not pushes
    body = BeautifulSoup(answer.content, "html.parser").select_one(".message-body")
    assert body.decode_contents() == str(BeautifulSoup(private.post(alice, TEXT).html, "html.parser"))


def test_without_scripts_it_is_a_page_from_which_the_text_is_sent(private: Chat, alice: User) -> None:
    client = signed_in(alice)
    page = BeautifulSoup(client.post(f"{private.get_absolute_url()}preview/", {"body": TEXT}).content, "html.parser")
    assert page.select_one(".quoted mark").text == "@bob"
    form = page.select_one("#composer")
    sent = {field["name"]: field.get("value") or field.text.removeprefix("\n") for field in form.select("[name]")}
    assert sent["body"] == TEXT
    assert client.post(str(form["action"]), sent).status_code == 303
    assert private.messages.get().body == TEXT


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("body", "says"), [("", "Write something"), ("x" * 10_001, "too long"), ("a\0", "Null characters")]
)
def test_what_cannot_be_sent_says_so_in_the_preview(
    private: Chat, alice: User, headers: dict[str, str], body: str, says: str
) -> None:
    answer = signed_in(alice).post(f"{private.get_absolute_url()}preview/", {"body": body}, headers=headers)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_an_outsider_and_a_former_member_see_none(private: Chat, bob: User, carol: User) -> None:
    private.release(bob)
    for outsider in (bob, carol):
        assert signed_in(outsider).post(f"{private.get_absolute_url()}preview/", {"body": "x"}).status_code == 404
