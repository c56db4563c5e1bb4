"""S25 to S27, S41: what every answer tells a browser, and that it keeps nothing of who is signed in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.utils import timezone

from messaging.exports import files
from messaging.models import Chat
from notifications.models import Announcement
from tests.conftest import signed_in
from tests.project.test_settings import PUBLIC, settings_with

pytestmark = pytest.mark.django_db

GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "/static/messaging/bell.svg"


@pytest.fixture
def delivery(alice: User) -> Any:
    alice.is_staff = True
    alice.save()
    now = timezone.now()
    made = Announcement.objects.create(author=alice, title="Cake", audience="all", first_at=now)
    return made.deliveries.create(due_at=now, alive_at=now, retry_at=now)


def expect_guarded(answer: Any) -> None:
    assert {name: answer.get(name) for name in GUARDED} == GUARDED
    assert "camera=()" in answer["Permissions-Policy"]
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    if not answer.get("Content-Type", "").startswith("text/html"):
        assert set(policy.split("; ")) == {"default-src 'none'", "frame-ancestors 'none'"}


REQUESTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "a page": ("/accounts/login/", {}, 200),
    "a redirect": ("/", {}, 302),
    "no such page": ("/nowhere/", {}, 404),
    "not by this method": ("/chats/1/joining/", {}, 405),
    "health": ("/healthz", {}, 200),
    "health under another name": ("/healthz", {"headers": {"host": "10.0.0.7"}}, 200),
    "readiness": ("/readyz", {}, 200),
    "metrics": ("/metrics", {}, 404),
    "a foreign host": ("/", {"headers": {"host": "evil.example"}}, 400),
    "another character set": ("/", {"content_type": "text/plain; charset=utf-7"}, 400),
    "NUL": ("/?a=%00", {}, 400),
    "a static file": (STATIC, {}, 200),
    "no such static file": ("/static/nothing.css", {}, 404),
    "the administration": ("/admin/login/", {}, 302),
}


@pytest.mark.parametrize(("path", "options", "status"), REQUESTS.values(), ids=REQUESTS)
def test_every_answer_is_guarded(bob: User, path: str, options: dict[str, Any], status: int) -> None:
    client = signed_in(bob) if status == 405 else Client()
    answer = client.generic("POST" if "content_type" in options else "GET", path, "x", **options)
    answer.close()
    assert answer.status_code == status
    expect_guarded(answer)


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=60)
@pytest.mark.parametrize(
    ("options", "status"),
    [({}, 301), ({"headers": {"host": "evil.example"}}, 400), ({"secure": True}, 302)],
    ids=["redirect", "foreign host", "https"],
)
def test_every_answer_is_guarded_with_https(options: dict[str, Any], status: int) -> None:
    answer = Client().get("/", **options)
    assert answer.status_code == status
    expect_guarded(answer)
    assert ("Strict-Transport-Security" in answer) == ("secure" in options)


@override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
def test_a_failure_and_a_forged_form_are_guarded(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("messaging.chats.views._home", fail)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(bob)
    broken, forged = client.get("/"), client.post("/rooms/", {"name": "x"})
    assert (broken.status_code, forged.status_code) == (500, 403)
    for answer in (broken, forged):
        expect_guarded(answer)
        assert "no-store" in answer["Cache-Control"]


def test_each_header_is_said_once(bob: User) -> None:
    answer = signed_in(bob).get("/")
    for name in (*GUARDED, "Content-Security-Policy", "Permissions-Policy"):
        assert len([each for each, _ in answer.items() if each == name]) == 1
        if name in GUARDED:
            assert "," not in answer[name]


@pytest.fixture
def addresses(room: Chat, alice: User, delivery: Any) -> list[str]:
    """One address of each kind of what alice may see."""
    message = room.post(alice, "hello")
    job = files.start(alice, room)
    alice.jobs.filter(pk=job.pk).update(result_url="/exports/1/")
    path = files.path_of(job.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"zip")
    announcement = f"/announcements/{delivery.announcement_id}/"
    return [
        *("/", "/accounts/profile/", "/accounts/password_change/", "/accounts/login/", "/chats/new/", "/nowhere/"),
        *(f"/chats/{room.pk}/", f"/chats/{room.pk}/members/", f"/chats/{room.pk}/name/", f"/messages/{message.pk}/"),
        *("/notifications/", "/notifications/tray/", "/notifications/jobs/", f"/exports/{job.pk}/"),
        *("/announcements/", "/announcements/new/", announcement, f"{announcement}change/"),
        *(f"/announcements/rolls/{delivery.pk}/", f"/announcements/rolls/{delivery.pk}/roll.csv"),
        *("/admin/", "/admin/jsi18n/", "/admin/auth/user/"),
    ]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_nothing_that_a_signed_in_person_is_answered_is_kept(addresses: list[str], alice: User) -> None:
    alice.is_superuser = True
    alice.save()
    client = signed_in(alice)
    kept = [each for each in addresses if "no-store" not in client.get(each).get("Cache-Control", "")]
    assert kept == []


def test_what_forms_are_answered_is_not_kept(room: Chat, alice: User) -> None:
    client = signed_in(alice)
    for path in (f"/chats/{room.pk}/messages/", "/rooms/", "/accounts/profile/", "/notifications/reading/"):
        for headers in ({}, {"HX-Request": "true"}):
            assert "no-store" in client.post(path, {"body": ""}, headers=headers)["Cache-Control"]


def test_static_files_are_kept(bob: User) -> None:
    answer = signed_in(bob).get(STATIC)
    answer.close()
    assert "public" in answer["Cache-Control"]
    assert "no-store" not in answer["Cache-Control"]


def test_signing_out_has_the_browser_forget(bob: User) -> None:
    client = signed_in(bob)
    assert "Clear-Site-Data" not in client.get("/")
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/accounts/login/")
    client.force_login(bob)
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    assert client.post("/admin/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_a_session_that_has_ended_by_itself_forgets_nothing(bob: User) -> None:
    client = signed_in(bob)
    client.session.flush()
    assert "Clear-Site-Data" not in client.get("/")


def test_with_https_no_sister_host_can_plant_a_cookie() -> None:
    names = "(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SECURE)"
    secure, local = settings_with(names, **PUBLIC), settings_with(names)
    assert secure.stdout.strip() == "('__Host-sessionid', '__Host-csrftoken', True, True)"
    assert local.stdout.strip() == "('sessionid', 'csrftoken', True, False)"


@pytest.mark.parametrize("prefix", ["bell", "/bell", "/bell/"])
def test_below_a_prefix_cookies_are_for_no_other_site_of_the_host(prefix: str) -> None:
    cookies = "(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_PATH)"
    below = settings_with(cookies, **PUBLIC, PATH_PREFIX=prefix)
    assert below.stdout.strip() == "('__Secure-sessionid', '/bell', '__Secure-csrftoken', '/bell')"
    assert settings_with("s.SESSION_COOKIE_PATH", **PUBLIC).stdout.strip() == "/"


def test_scripts_cannot_read_the_csrf_cookie_and_need_not() -> None:
    client = Client()
    client.get("/accounts/login/")
    assert client.cookies["csrftoken"]["httponly"]
    folders = {Path(str(finders.find(f"{app}/js"))) for app in ("messaging", "notifications")}
    scripts: Iterator[Path] = (path for folder in folders for path in folder.rglob("*.js"))
    assert [path for path in scripts if "document.cookie" in path.read_text()] == []
