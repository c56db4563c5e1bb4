"""The page of search: what it shows, to whom, and what it costs."""

from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Chat
from messaging.search.index import engine
from messaging.search.postgresql import TooLong
from messaging.threads.answering import thread_of
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page(user: User, typed: str, more: str = "", **named: Any) -> BeautifulSoup:
    answer = signed_in(user).get(f"/search/?q={quote(typed)}{more}", **named)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def hits(found: BeautifulSoup) -> list[str]:
    return [" ".join(body.text.split()) for body in found.select(".hit .message-body")]


def test_hits_say_who_where_and_lead_to_their_messages(private: Chat, alice: User, bob: User) -> None:
    message = private.post(bob, "An *apple* a day")
    answer = thread_of(message).post(alice, "apple pie")
    direct = Chat.objects.direct([alice, bob]).post(bob, "apple?")
    found = page(alice, "apple")
    assert hits(found) == ["apple?", "apple pie", "An apple a day"]
    assert [link.text for link in found.select(".hit .card-chat")] == ["Bob", "Thread in Launch", "Launch"]
    links = [link["href"] for link in found.select(".hit .card-chat")]
    assert links == [direct.place, answer.place, message.place]
    assert str(found.select(".hit em")[0]) == "<em><mark>apple</mark></em>"
    assert found.select_one("input[name=q]")["value"] == "apple"


def test_who_may_read_what(private: Chat, room: Chat, alice: User, bob: User, carol: User) -> None:
    private.post(alice, "secret apple")
    room.post(alice, "open apple")
    assert hits(page(bob, "apple")) == ["open apple", "secret apple"]
    assert hits(page(carol, "apple")) == ["open apple"]
    private.release(bob)
    assert hits(page(bob, "apple")) == ["open apple"]
    assert hits(page(bob, f"in:#{private.pk} apple")) == []


def test_nobody_searches_without_an_account(client: Any, room: Chat, alice: User) -> None:
    room.post(alice, "apple")
    assert client.get("/search/?q=apple").status_code == 302


def test_what_is_typed_is_no_markup(private: Chat, alice: User) -> None:
    private.post(alice, "<script>alert(1)</script> apple")
    typed = 'from:<b> "><script>apple'
    found = page(alice, typed)
    assert found.select_one("input[name=q]")["value"] == typed
    assert "called “<b>”" in found.select_one("#found").text
    assert not [script for script in page(alice, "<script>").select("script") if "alert" in script.text]
    assert hits(page(alice, "<script>")) == ["<script>alert(1)</script> apple"]


def test_a_long_list_goes_on_as_one_scrolls_and_without_scripts(
    private: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(45):
        private.post(alice, f"apple {number}")
    first = page(alice, "apple")
    assert hits(first)[0] == "apple 44"
    more = first.select_one(".more-hits")
    assert more["hx-get"] == more.a["href"]
    second = BeautifulSoup(signed_in(alice).get(str(more["hx-get"]), headers=HTMX).content, "html.parser")
    assert second.html is None
    last = BeautifulSoup(signed_in(alice).get(str(second.select(".more-hits")[0]["hx-get"])).content, "html.parser")
    assert hits(first) + hits(second) + hits(last) == [f"apple {number}" for number in reversed(range(45))]
    assert last.select_one(".more-hits") is None
    assert last.select_one("#found > p > a")["href"] == "/search/?q=apple"


def test_what_is_typed_is_answered_with_what_was_found_alone(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    found = page(alice, "app", headers=HTMX)
    assert found.html is None
    assert hits(found) == ["apple"]


@pytest.mark.parametrize("typed", ["", "  ", "!", "a" * 5000, "%", "'", '"', "from:", "in:#999999999999999999999"])
@pytest.mark.parametrize("more", ["", "&before=0", "&before=x", "&before=999999999999999999", f"&before={'9' * 40}"])
def test_any_input_is_a_search(private: Chat, alice: User, typed: str, more: str) -> None:
    assert hits(page(alice, typed, more)) == []


def test_it_says_why_nothing_is_there(private: Chat, alice: User) -> None:
    private.post(alice, "apple")
    assert "What was said in your chats" in page(alice, "").select_one("#found").text
    assert "Nothing was found" in page(alice, "pear").select_one("#found").text
    assert "Nobody and no chat of yours is called “nobody”" in page(alice, "from:nobody").select_one("#found").text


def test_a_search_that_takes_too_long_is_given_up(private: Chat, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*args: Any) -> list[int]:
        raise TooLong

    monkeypatch.setattr(engine(), "find", find)
    assert "takes too long" in page(alice, "apple").select_one("#found [role=alert]").text


def test_who_searches_too_often_is_told_so_and_keeps_what_was_typed(
    private: Chat, alice: User, bob: User, settings: Any
) -> None:
    message = private.post(alice, "apple")
    settings.LIMITS = {"search": "2/1h"}
    client = signed_in(alice)
    assert client.get("/search/").status_code == 200
    assert [client.get("/search/?q=apple").status_code for _ in range(2)] == [200, 200]
    for headers in (None, HTMX):
        answer = client.get("/search/?q=apple", headers=headers)
        found = BeautifulSoup(answer.content, "html.parser")
        assert answer.status_code == 429
        assert answer["Retry-After"]
        assert "That was too often. Try again in" in found.select_one(".errorlist").text
        assert "Nothing was found" not in found.text
        assert hits(found) == []
    kept = BeautifulSoup(client.get("/search/?q=apple").content, "html.parser")
    assert kept.select_one("input[name=q]")["value"] == "apple"
    older = client.get(f"/search/?q=apple&before={message.pk}", headers=HTMX)
    assert (older.status_code, "Try again in" in older.text) == (429, True)
    assert hits(page(bob, "apple")) == ["apple"]


def test_a_page_costs_the_same_however_much_is_found(private: Chat, alice: User, bob: User) -> None:
    client, counts = signed_in(alice), []
    for count in (1, 20):
        for number in range(count):
            chat = Chat.objects.start(alice, f"room {count} {number}", Chat.Kind.PRIVATE)
            chat.admit(bob)
            thread_of(chat.post(bob, "apple")).post(alice, "apple pie")
            Chat.objects.direct([alice, User.objects.create_user(f"someone-{count}-{number}")]).post(alice, "apple")
        client.get("/search/?q=apple", headers=HTMX)
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/?q=apple", headers=HTMX)
        counts.append(len(queries))
    assert counts[1] <= counts[0] <= 20, counts


def test_a_chat_leads_to_the_search_in_it(private: Chat, alice: User, bob: User) -> None:
    direct = Chat.objects.direct([alice, bob])
    odd = Chat.objects.start(alice, 'The "odd" one', Chat.Kind.PRIVATE)
    names = ("Two words", "Team “A”", "«B»", f"#{private.pk}", f"{direct.pk}", "#Launch", "a,b")
    named = [Chat.objects.start(alice, name, Chat.Kind.PRIVATE) for name in names]
    for chat in (private, direct, odd, *named):
        message = chat.post(alice, f"apple in {chat.pk}")
        shown = signed_in(alice).get(chat.get_absolute_url())
        address = str(BeautifulSoup(shown.content, "html.parser").select("main [data-search]")[0]["href"])
        assert hits(BeautifulSoup(signed_in(alice).get(f"{address}apple").content, "html.parser")) == [message.body]
