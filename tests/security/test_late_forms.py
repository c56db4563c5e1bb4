"""Forms of pages that are out of date: nothing is done, what was typed is there again, and nobody else sees it."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Chat
from tests.security.everything import snapshot

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def browser(alice: User, bob: User) -> Client:
    """A browser in which nobody is signed in yet; alice and bob have passwords."""
    for user in (alice, bob):
        user.set_password(PASSWORD)
        user.save()
    return Client(enforce_csrf_checks=True)


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def form_on(client: Client, path: str, field: str) -> dict[str, str]:
    """Open a page in a tab of its own; return what its form with this field would send as it is."""
    page = soup(client.get(path))
    form = page.select_one(f"input[name={field}], textarea[name={field}]").find_parent("form")
    return {str(field["name"]): str(field.get("value", "")) for field in form.select("input[name]")}


def sign_in(client: Client, name: str) -> None:
    """Sign out and in in another tab."""
    client.logout()
    form = form_on(client, "/accounts/login/", "password")
    assert client.post("/accounts/login/", {**form, "username": name, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("next_page", ["/", "/accounts/profile/", "/chats/1/?before=5"])
def test_sign_in_in_a_second_tab_leads_on(browser: Client, room: Chat, next_page: str) -> None:
    path = f"/accounts/login/?next={next_page}"
    second = form_on(browser, path, "password")
    sign_in(browser, "alice")
    answer = browser.post(path, {**second, "username": "alice", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, next_page)


@pytest.mark.parametrize(
    ("path", "typed", "secrets"),
    [
        ("/accounts/login/", {"username": "alice"}, {"password": PASSWORD}),
        (
            "/accounts/signup/",
            {"username": "dora", "email": "dora@example.org"},
            {"password1": PASSWORD, "password2": PASSWORD},
        ),
        ("/accounts/password_reset/", {"email": "dora@example.org"}, {}),
    ],
)
@pytest.mark.parametrize("cookie", ["old", "none"])
def test_form_of_who_is_not_signed_in_is_shown_again_with_what_was_typed(
    browser: Client, path: str, typed: dict[str, str], secrets: dict[str, str], cookie: str
) -> None:
    form = form_on(browser, path, next(iter(typed)))
    browser.cookies.clear()
    if cookie == "old":
        browser.cookies["csrftoken"] = "x" * 32
    before = snapshot()
    answer = browser.post(path, {**form, **typed, **secrets})
    page = soup(answer)
    assert answer.status_code == 403
    assert "out of date" in page.select_one("[role=status]").text
    assert {name: page.select_one(f"form [name={name}]")["value"] for name in typed} == typed
    assert PASSWORD not in answer.text
    assert snapshot() == before
    token = page.select_one("[name=csrfmiddlewaretoken]")["value"]
    assert browser.post(path, {**typed, **secrets, "csrfmiddlewaretoken": token}).status_code == 302


def test_signing_up_in_a_second_tab_leads_on(browser: Client, alice: User) -> None:
    form = form_on(browser, "/accounts/signup/", "username")
    sign_in(browser, "alice")
    answer = browser.post("/accounts/signup/", {**form, "username": "dora", "password1": "x", "password2": "x"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not User.objects.filter(username="dora").exists()


OWN = {
    "a message": ("/chats/{chat}/", "/chats/{chat}/messages/", {"body": "A long </textarea>\nletter"}),
    "a new text of a message": ("/messages/{message}/", None, {"body": "Better"}),
    "a room's name": ("/", "/rooms/", {"name": "Tea"}),
    "a conversation": ("/", "/chats/direct/", {"people": "carol"}),
    "a new room": ("/chats/new/", None, {"kind": "private", "name": "Plans"}),
    "another name of a room": ("/chats/{chat}/name/", None, {"name": "Plans"}),
    "an invitation": ("/chats/{chat}/members/", None, {"people": "carol"}),
    "one's name": ("/accounts/profile/", None, {"first_name": "Alice L."}),
    "an announcement": ("/announcements/new/", None, {"audience": "all", "title": "Tea", "body": "At five."}),
}


@pytest.fixture
def addresses(room: Chat, alice: User) -> dict[str, int]:
    """What the addresses of OWN are about; alice may announce."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    return {"chat": room.pk, "message": room.post(alice, "Good").pk}


@pytest.mark.parametrize(("page", "action", "typed"), OWN.values(), ids=OWN)
def test_form_of_ones_own_is_there_again_and_can_be_sent(
    browser: Client, addresses: dict[str, int], page: str, action: str | None, typed: dict[str, str]
) -> None:
    sign_in(browser, "alice")
    page, action = page.format(**addresses), action and action.format(**addresses)
    form = form_on(browser, page, list(typed)[-1])
    sign_in(browser, "alice")
    before = snapshot()
    answer = browser.post(action or page, {**form, **typed}, headers={"Referer": f"http://testserver{page}"})
    assert answer.status_code == 403
    assert snapshot() == before
    again = soup(answer).select_one("form")
    shown = {str(area["name"]): area.text.removeprefix("\n") for area in again.select("textarea")}
    assert shown == typed
    assert soup(answer).select_one("a.button")["href"] == page
    hidden = {str(field["name"]): str(field["value"]) for field in again.select("input")}
    done = browser.post(str(again["action"]), {**hidden, **shown})
    assert done.status_code == 303, [str(error) for error in soup(done).select(".errorlist")]
    assert snapshot() != before


@pytest.mark.parametrize(("page", "action", "typed"), OWN.values(), ids=OWN)
def test_what_one_person_has_typed_is_not_shown_to_the_next(
    browser: Client, addresses: dict[str, int], page: str, action: str | None, typed: dict[str, str]
) -> None:
    sign_in(browser, "alice")
    page, action = page.format(**addresses), action and action.format(**addresses)
    form = form_on(browser, page, list(typed)[-1])
    sign_in(browser, "bob")
    before = snapshot()
    typed = {name: f"{value} of alice alone" for name, value in typed.items()}
    answer = browser.post(action or page, {**form, **typed})
    assert answer.status_code == 403
    assert snapshot() == before
    assert "of alice alone" not in answer.text
    assert "of alice alone" not in browser.get("/").text


@pytest.mark.parametrize(("page", "action", "typed"), OWN.values(), ids=OWN)
@pytest.mark.parametrize("token", ["good", "none"])
def test_who_is_signed_out_meanwhile_has_the_text_and_the_way_back(
    browser: Client, addresses: dict[str, int], page: str, action: str | None, typed: dict[str, str], token: str
) -> None:
    sign_in(browser, "alice")
    page, action = page.format(**addresses), action and action.format(**addresses)
    form = form_on(browser, page, list(typed)[-1])
    del browser.cookies["sessionid"]
    if token == "none":
        del browser.cookies["csrftoken"]
    before = snapshot()
    answer = browser.post(action or page, {**form, **typed}, headers={"Referer": f"http://testserver{page}"})
    assert answer.status_code == 403
    shown = [area.text.removeprefix("\n") for area in soup(answer).select("textarea")]
    assert sorted(shown) == sorted(typed.values())
    assert soup(answer).select_one("a.button")["href"] == f"/accounts/login/?next={page}"
    assert snapshot() == before


def test_passwords_are_asked_for_again_on_their_page(browser: Client, alice: User) -> None:
    path = "/accounts/password_change/"
    sign_in(browser, "alice")
    form = form_on(browser, path, "oldpassword")
    sign_in(browser, "alice")
    secrets = {"oldpassword": PASSWORD, "password1": "another long one", "password2": "another long one"}
    answer = browser.post(path, {**form, **secrets}, headers={"Referer": f"http://testserver{path}"}, follow=True)
    assert answer.request["PATH_INFO"] == path
    assert "out of date" in soup(answer).select_one("[role=status]").text
    assert "another long one" not in answer.text
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def sign_out_form(client: Client) -> dict[str, str]:
    return {"csrfmiddlewaretoken": str(soup(client.get("/")).select_one("form[data-sign-out] input")["value"])}


@pytest.mark.parametrize("signed_in", [True, False])
def test_sign_out_that_comes_late_is_asked_again_or_leads_to_sign_in(browser: Client, signed_in: bool) -> None:
    sign_in(browser, "alice")
    form = sign_out_form(browser)
    sign_in(browser, "alice")
    if not signed_in:
        browser.logout()
    answer = browser.post("/accounts/logout/", form, headers={"Referer": "http://testserver/accounts/profile/"})
    if signed_in:
        assert answer.status_code == 403
        assert soup(answer).select_one("a.button")["href"] == "/accounts/profile/"
        again = sign_out_form(browser)
        answer = browser.post("/accounts/logout/", again)
    assert answer.status_code in {302, 303}
    assert browser.get(answer["Location"], follow=True).request["PATH_INFO"] == "/accounts/login/"


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://testserver/chats/5/?before=7", "/chats/5/?before=7"),
        ("http://testserver/chats/5/#message-3", "/chats/5/"),
        ("", "/"),
        ("https://evil.example/chats/5/", "/"),
        ("http://testserver//evil.example/", "/"),
        ("http://testserver/\\evil.example/", "/"),
        ("//evil.example/", "/"),
    ],
)
def test_who_must_sign_in_first_comes_back_to_the_page_of_the_form(room: Chat, referer: str, leads_to: str) -> None:
    answer = Client().post(
        f"/chats/{room.pk}/messages/", {"body": "x"}, headers={"Referer": referer} if referer else {}
    )
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert Client().get(answer["Location"]).wsgi_request.GET["next"] == leads_to


def test_administration_gives_back_what_was_typed(browser: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    sign_in(browser, "alice")
    before = snapshot()
    answer = browser.post("/admin/auth/group/add/", {"name": "Gardeners", "csrfmiddlewaretoken": "x" * 64})
    assert answer.status_code == 403
    assert "Gardeners" in answer.text
    assert snapshot() == before
