"""S6, S38: whatever goes wrong is answered by a page of the site, and nothing that was written is lost."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client, RequestFactory, override_settings

from messaging.models import Chat
from notifications.limits import windows as limits
from project.errors import PAGES, error_page
from tests.conftest import signed_in

HTMX = {"HX-Request": "true"}
BROKEN_FORMS = {
    "no boundary": ("multipart/form-data", b"x"),
    "a boundary that cannot be": ("multipart/form-data; boundary=\x00", b"x"),
    "a part whose head is too long": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=" + b"x" * 200_000 + b"\r\n\r\n1\r\n--b--\r\n",
    ),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(2_000))),
}
ODD_PAGES = ["http://[::1", "http://[", "//[", "http://testserver/[::1", "\ud7ff", "http://a]b/", "http://:x/"]


def expect_page(answer: Any, status: int) -> str:
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.title.text.endswith("· Bellwire")
    assert soup.h1.text in {*(heading for heading, _ in PAGES.values())}
    assert len(answer.content) == int(answer.get("Content-Length", len(answer.content)))
    return soup.get_text()


@pytest.mark.parametrize("status", PAGES)
def test_each_has_a_page_that_asks_nothing_and_nobody(status: int) -> None:
    # No database is open to this test.
    expect_page(error_page(None, status), status)
    expect_page(error_page(RequestFactory().get("/"), status), status)


@pytest.mark.parametrize("status", PAGES)
def test_a_page_may_say_why_and_does_so_literally(status: int) -> None:
    assert "<b>Tea</b> first." in expect_page(error_page(None, status, "<b>Tea</b> first."), status)


@pytest.mark.parametrize("headers", [HTMX, {"Accept": "application/json"}])
def test_who_takes_no_page_gets_a_line_of_text(headers: dict[str, str]) -> None:
    answer = error_page(RequestFactory().get("/", headers=headers), 429, "Try again in 5 seconds.")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == b"Try again in 5 seconds.\n"


@pytest.mark.django_db
def test_pages_for_400_404_405_and_413(bob: User) -> None:
    client = signed_in(bob)
    expect_page(client.get("/nowhere/"), 404)
    expect_page(client.get("/chats/99/"), 404)
    expect_page(Client().get("/nowhere/"), 404)
    refused = client.get("/rooms/")
    expect_page(refused, 405)
    assert refused["Allow"] == "POST"
    expect_page(client.get("/", headers={"host": "evil.example"}), 400)
    assert "UTF-8" in expect_page(client.post("/rooms/", "a=1", content_type="text/plain; charset=utf-7"), 400)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        expect_page(client.post("/rooms/", "name=" + "x" * 20, content_type="application/x-www-form-urlencoded"), 413)


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_too_often_says_when_again(bob: User, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    def refuse(*arguments: object) -> None:
        raise limits.Limited(20)

    monkeypatch.setattr("messaging.chats.views._home", refuse)
    answer = signed_in(bob).get("/", headers=headers)
    assert answer["Retry-After"] == "20"
    assert "Try again in 20 seconds." in answer.text
    if headers:
        assert answer["Content-Type"].startswith("text/plain")
    else:
        expect_page(answer, 429)


@pytest.mark.django_db
def test_a_failure_has_its_page_without_a_database(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(bob)
    client.raise_request_exception = False

    def away(*arguments: Any) -> None:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        expect_page(client.get("/"), 500)
        expect_page(client.get("/nowhere/"), 404)
        assert client.get("/", headers=HTMX).content == b"It has been noted. Please try again in a moment.\n"


@pytest.mark.django_db
@pytest.mark.parametrize("form", BROKEN_FORMS.values(), ids=BROKEN_FORMS)
@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/chats/99/nothing/", 404), ("/rooms/", 400)])
def test_forms_that_cannot_be_read(bob: User, form: tuple[str, bytes], path: str, status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    client.get("/")
    kind, body = form
    expect_page(client.generic("POST", path, body, content_type=kind), status)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ODD_PAGES)
@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer", "Origin"])
def test_a_page_that_is_none_is_no_failure(room: Chat, bob: User, page: str, header: str) -> None:
    headers = {**HTMX, header: page.encode().decode("latin-1")}
    answer = Client().get(f"/chats/{room.pk}/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=/")
    for client in (signed_in(bob), Client(enforce_csrf_checks=True)):
        for path in ("/", "/notifications/", "/nowhere/"):
            assert client.get(path, headers=headers).status_code < 500
            assert client.post(path, headers=headers).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/?a=%00",
        "/?%00=a",
        "/%00/",
        "/chats/%00/",
        "/nowhere/?a=b%00c",
        "/notifications/?tab=%00",
        "/announcements/rolls/1/?q=%00",
        "/admin/auth/user/?username=%00",
        "/admin/auth/user/?q=%00",
        "/admin/auth/user/%00/change/",
        "/accounts/login/?next=/%00",
        "/healthz/%00",
        "/static/%00",
    ],
)
def test_no_address_may_have_nul(alice: User, path: str) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    for client in (signed_in(alice), Client()):
        expect_page(client.get(path), 400)
        assert client.post(path, headers=HTMX).status_code == 400


@pytest.mark.django_db
def test_an_address_may_speak_of_nul() -> None:
    assert Client().get("/accounts/login/?next=/%2500").status_code == 200


STALE = {
    "a token of before somebody signed in elsewhere": ("x" * 32, "y" * 32),
    "no token": ("x" * 32, None),
    "no cookie": (None, "y" * 32),
    "a token that is none": ("x" * 32, "?"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("cookie", "token"), STALE.values(), ids=STALE)
@pytest.mark.parametrize("who", ["bob", None])
def test_a_form_that_is_out_of_date_gives_back_what_was_written(
    room: Chat, bob: User, cookie: str | None, token: str | None, who: str | None
) -> None:
    client = Client(enforce_csrf_checks=True)
    if who:
        client.force_login(bob)
    if cookie:
        client.cookies["csrftoken"] = cookie
    written = {"body": "A long </textarea> letter,\nof two lines", "client_id": "7c1f", "password": "hunter2"}
    form = {**written, "csrfmiddlewaretoken": token} if token else written
    answer = client.post(f"/chats/{room.pk}/messages/", form)
    assert "Nothing was done" in expect_page(answer, 403)
    (area,) = BeautifulSoup(answer.content, "html.parser").select("textarea")
    assert area.text.strip() == written["body"]
    assert "hunter2" not in answer.text
    assert room.messages.count() == 0


@pytest.mark.django_db
def test_what_another_site_has_sent_is_not_shown(room: Chat, bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    answer = client.post(
        f"/chats/{room.pk}/messages/", {"body": "Call 555"}, headers={"Origin": "https://evil.example"}
    )
    assert "555" not in expect_page(answer, 403)


@pytest.mark.django_db
def test_htmx_is_told_that_a_form_is_out_of_date(room: Chat, bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    answer = client.post(f"/chats/{room.pk}/messages/", {"body": "x"}, headers=HTMX)
    assert answer.status_code == 403
    assert answer.text.startswith("This page is out of date")
    assert answer["Content-Type"].startswith("text/plain")
