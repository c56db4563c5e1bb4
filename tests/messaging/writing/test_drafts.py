"""What is begun is there on every device, until it is sent or given up."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Chat, Draft
from messaging.writing.forms import LONGEST
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def keep(user: User, chat: Chat, body: str) -> int:
    """Have a page keep what stands in its box; return the status of the answer."""
    return signed_in(user).post(f"{chat.get_absolute_url()}draft/", {"body": body}).status_code


def begun(user: User, chat: Chat) -> str:
    """Return what stands in the box of a fresh page."""
    page = BeautifulSoup(signed_in(user).get(chat.get_absolute_url()).content, "html.parser")
    field = page.select_one("#composer textarea")
    assert field
    return field.text.removeprefix("\n")


def test_a_draft_is_on_every_device_of_its_author_and_of_nobody_else(room: Chat, alice: User, bob: User) -> None:
    assert keep(alice, room, "first\n  <b>second</b> &amp;") == 204
    assert begun(alice, room) == "first\n  <b>second</b> &amp;"
    assert begun(bob, room) == ""


def test_a_draft_belongs_to_its_chat(room: Chat, private: Chat, alice: User) -> None:
    keep(alice, room, "here")
    assert begun(alice, private) == ""


def test_the_last_of_a_draft_is_kept(room: Chat, alice: User) -> None:
    keep(alice, room, "one")
    keep(alice, room, "two")
    assert begun(alice, room) == "two"
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_box_leaves_no_draft(room: Chat, alice: User, empty: str) -> None:
    keep(alice, room, "one")
    assert keep(alice, room, empty) == 204
    assert not Draft.objects.exists()


def test_a_draft_of_nothing_is_one_query_and_a_page_one_more(room: Chat, alice: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        Draft.objects.keep(alice, room, "one")
    assert len([query for query in captured if "INSERT" in query["sql"]]) == 1
    assert len([query for query in captured if "SELECT" in query["sql"]]) == 0


def test_an_outsider_and_a_former_member_keep_nothing(private: Chat, alice: User, bob: User, carol: User) -> None:
    private.ban(bob, alice)
    assert {keep(carol, private, "x"), keep(bob, private, "x")} == {404}
    assert not Draft.objects.exists()


@pytest.mark.parametrize("body", ["a\0b", "x" * (LONGEST + 1)])
def test_what_cannot_be_kept_is_refused_with_a_reason(room: Chat, alice: User, body: str) -> None:
    answer = signed_in(alice).post(f"{room.get_absolute_url()}draft/", {"body": body})
    assert answer.status_code == 422
    assert answer.content


def test_a_draft_may_be_longer_than_a_message(room: Chat, alice: User) -> None:
    assert keep(alice, room, "x" * LONGEST) == 204


def test_drafts_go_with_their_chat_and_their_author(room: Chat, private: Chat, alice: User, carol: User) -> None:
    keep(alice, private, "x")
    keep(carol, room, "x")
    private.delete()
    carol.delete()
    assert not Draft.objects.exists()


def test_what_was_refused_stands_in_the_box_and_not_the_draft(room: Chat, alice: User) -> None:
    keep(alice, room, "an older draft")
    answer = signed_in(alice).post(f"{room.get_absolute_url()}messages/", {"body": "x" * 10_001})
    field = BeautifulSoup(answer.content, "html.parser").select_one("#composer textarea")
    assert answer.status_code == 422
    assert field.text.strip() == "x" * 10_001


def test_a_draft_goes_with_the_message_that_is_made_of_it(room: Chat, alice: User, bob: User) -> None:
    for author in (alice, bob):
        keep(author, room, "hello")
    page = BeautifulSoup(signed_in(alice).get(room.get_absolute_url()).content, "html.parser").select_one("#composer")
    sent = {field["name"]: field.get("value") or field.text.removeprefix("\n") for field in page.select("[name]")}
    assert signed_in(alice).post(str(page["action"]), sent).status_code == 303
    assert room.messages.get().body == "hello"
    assert room.messages.get().parts == {}
    assert [draft.user for draft in Draft.objects.all()] == [bob]


def test_a_draft_stays_where_its_message_was_refused(room: Chat, alice: User) -> None:
    keep(alice, room, "hello")
    signed_in(alice).post(f"{room.get_absolute_url()}messages/", {"body": "x" * 10_001, "draft": "kept"})
    assert Draft.objects.exists()


def test_a_post_asks_for_a_draft_only_where_there_is_one(room: Chat, alice: User) -> None:
    client = signed_in(alice)

    def queries(form: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(
                f"{room.get_absolute_url()}messages/", {"body": "hello", **form}, headers={"HX-Request": "true"}
            )
        return len(captured)

    queries({})
    assert queries({"draft": "kept"}) - queries({}) == 1
