"""L4, L5: what leads somewhere leads to a page of this site or to a whole address, and says where."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from messaging.models import Chat, Message
from notifications.inbox.notify import notify, notify_many
from notifications.jobs.progress import progress
from notifications.models import Announcement, Job, Notification
from notifications.prose import text
from notifications.testing import assert_pushed, captured_pushes
from tests.conftest import signed_in

GOOD = [
    "/",
    "/backups/7/",
    "/backups/7/?a=1&b=//x#c",
    "/a b",
    "/ü",
    "http://example.org",
    "https://example.org:8443/x?y=//z",
    "https://example.org/a b",
    "https://münchen.example/",
    "http://[::1]:8000/",
]
BAD = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/x\ny",
    "http://[::1",
    "https://[x]/",
    "http://",
    "http:///evil.example",
    "http:/evil.example",
    "https:evil.example",
    "https://\\evil.example",
    "http://a\\@evil.example",
    "http://example.org:port/",
    "http://example.org:99999/",
    "http://exa mple.org/",
    " /x",
    " http://example.org",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:alice@example.org",
    "ftp://example.org/",
    "file:///etc/passwd",
    "example.org",
    "backups/7/",
    "?x",
    "#x",
    "/\0",
    "/\u2028",
    "/\u202egro",
    "/\ud800",
]


@pytest.mark.django_db
@pytest.mark.parametrize("url", GOOD)
def test_paths_and_whole_addresses_are_taken(alice: User, url: str) -> None:
    assert notify(alice, "Look", url).url == url
    pk = Notification.objects.get().pk
    assert signed_in(alice).post(f"/notifications/{pk}/reading/").status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize("url", BAD)
def test_anything_else_is_refused(alice: User, url: str) -> None:
    with pytest.raises(ValueError, match="path or an http"):
        notify(alice, "Look", url)
    with pytest.raises(ValueError, match="path or an http"):
        notify_many([alice.pk], "Look", url, kind="note", subject="", key="x")
    with pytest.raises(CommandError, match="path or an http"):
        call_command("notify", "alice", "Look", url=url)
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", BAD)
def test_no_result_is_there_either(alice: User, url: str) -> None:
    with pytest.raises(ValueError, match="path or an http"), progress(alice, "Import") as block:
        block.result(url)
    assert Job.objects.get().result_url == ""


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["//evil.example", "http://[::1", "javascript:alert(1)"])
def test_what_an_older_version_has_taken_leads_nowhere(alice: User, url: str) -> None:
    row = notify(alice, "Look", "/fine/")
    Notification.objects.update(url=url)
    job = Job.objects.create(user=alice, title="Import", state="succeeded", result_url=url, result_label="Open")
    browser = signed_in(alice)
    address = f"/notifications/{row.pk}/reading/"
    assert browser.post(address)["Location"] == "/notifications/"
    assert browser.post(address, headers={"HX-Request": "true"})["HX-Redirect"] == "/notifications/"
    for page in ("/notifications/", "/jobs/"):
        assert url not in str(browser.get(page).content.decode()), page
    with captured_pushes() as pushes:
        row.inbox.mark_unread(pk=row.pk)
        notify(alice, "Another", subject="x")
        job.show()
    assert url not in "".join(event.get("html", "") for event in pushes)
    assert_pushed(pushes, alice, ".bell-toast")


def links(written: str) -> tuple[list[str], str]:
    page = BeautifulSoup(text.render(written), "html.parser")
    return [str(link.get("href")) for link in page.find_all("a")], page.text.strip()


@pytest.mark.parametrize(
    "written",
    [
        "[x](//host/a)",
        "[x](///host/a)",
        "[x](/accounts/logout/)",
        "[x](?cancel)",
        "[x](#messages)",
        "[x](accounts/)",
        "[x]()",
        "[x](<>)",
        "[x](http:accounts/)",
        "[x](http:/accounts/)",
        "[x](https:///host/a)",
        "[x](ftp://host/a)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](file:///etc/passwd)",
        "[x](\\\\host\\a)",
        "[x](mailto:)",
        "<ftp://host/a>",
        "<tel:123>",
        "//host.example/a",
        "/accounts/logout/",
    ],
)
def test_no_link_of_a_text_leads_to_another_place_on_every_page(written: str) -> None:
    found, shown = links(written)
    assert found == []
    assert shown.replace("\\", "") == written.replace("\\", "")


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("[x](http://example.org)", "http://example.org"),
        ("[x](HTTPS://example.org/a?b#c)", "HTTPS://example.org/a?b#c"),
        ("[x](mailto:bob@example.org)", "mailto:bob@example.org"),
        ("[**bold** x](https://example.org 'title')", "https://example.org"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("bob@example.org", "mailto:bob@example.org"),
        ("www.example.org", "https://www.example.org"),
    ],
)
def test_whole_addresses_are_links_which_the_site_does_not_vouch_for(written: str, href: str) -> None:
    assert links(written)[0] == [href]
    assert 'rel="noopener noreferrer nofollow ugc"' in text.render(written)


def test_an_empty_link_beside_others_stays_what_was_typed() -> None:
    found, shown = links("[a *b*]() [c](https://example.org) [d]()")
    assert (found, shown) == (["https://example.org"], "[a b]() c [d]()")


@pytest.mark.django_db
@pytest.mark.parametrize(("app", "migration"), [("messaging", "0005"), ("notifications", "0007")])
def test_links_of_what_was_written_before_are_mended(room: Chat, alice: User, app: str, migration: str) -> None:
    [name] = [path.stem for path in (Path(__file__).parents[2] / app / "migrations").glob(f"{migration}_*.py")]
    now = timezone.now()
    old = '<p><a href="//host/a" target="_blank">x <em>y</em></a> <a href="https://example.org" rel="z">w</a></p>'
    message = room.post(alice, "x")
    announcement = Announcement.objects.create(author=alice, title="x", audience="all", first_at=now, html=old)
    Message.objects.update(html=old)
    import_module(f"{app}.migrations.{name}").unlink(apps, None)
    row: Any = message if app == "messaging" else announcement
    row.refresh_from_db()
    assert row.html == '<p>x <em>y</em> <a href="https://example.org" rel="z">w</a></p>'
