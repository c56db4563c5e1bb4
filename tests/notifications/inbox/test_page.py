"""The notification centre's page and tray: its lists, its forms, and what it costs."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.inbox.models.notification import NotificationQuerySet
from notifications.inbox.notify import mark_read, notify
from notifications.models import Inbox, Notification
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def shown(client: Client, address: str = "/notifications/") -> list[str]:
    """Return what the rows of a list say."""
    rows = BeautifulSoup(client.get(address).content, "html.parser").select("#notifications > .notification")
    return [text(row) for row in rows]


def text(row: Tag) -> str:
    """Return what a row says."""
    found = row.select_one(".notification-text")
    assert found
    return found.text


@pytest.fixture
def rows(alice: User, bob: User) -> dict[str, Notification]:
    """One of bob's notifications in each list, and one of alice's."""
    found = {name: notify(bob, name) for name in ("read", "unread", "snoozed", "archived")}
    mark_read(bob, pk=found["read"].pk)
    own = Inbox.objects.of(bob)
    own.snooze(timezone.now() + timedelta(days=1), pk=found["snoozed"].pk)
    own.archive(pk=found["archived"].pk)
    return found | {"theirs": notify(alice, "for alice")}


@pytest.fixture
def many(alice: User, bob: User) -> Inbox:
    """An inbox of 3,000 notifications of all states, among others; the planner knows how many there are."""
    own, now = Inbox.objects.of(bob), timezone.now()
    states: list[dict[str, Any]] = [{}, {"seen_at": now, "read_at": now}, {"archived_at": now}, {"snoozed_until": now}]
    Notification.objects.bulk_create(
        Notification(
            inbox=inbox,
            text=f"note {number}",
            seq=number,
            newest_at=now - timedelta(minutes=number),
            **({"seen_at": now} | states[number % 4] if number > 40 else states[number % 4]),
        )
        for inbox in (own, Inbox.objects.of(alice))
        for number in range(3000)
    )
    Inbox.objects.update(seq=3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")
    return own


@pytest.mark.parametrize(
    ("tab", "listed"),
    [("", ["unread", "read"]), ("inbox", ["unread", "read"]), ("unread", ["unread"])]
    + [(name, [name]) for name in ("snoozed", "archived")],
)
def test_each_tab_shows_its_own(rows: dict[str, Notification], bob: User, tab: str, listed: list[str]) -> None:
    assert shown(signed_in(bob), f"/notifications/?tab={tab}" if tab else "/notifications/") == listed


@pytest.mark.parametrize("tab", ["inbox", "unread", "snoozed", "archived"])
def test_what_the_server_lists_is_what_the_page_would_keep(rows: dict[str, Notification], bob: User, tab: str) -> None:
    # What is pushed has no idea of tabs: the list's own selector says what stays.
    client = signed_in(bob)
    page = BeautifulSoup(client.get(f"/notifications/?tab={tab}").content, "html.parser")
    pushed = BeautifulSoup(client.get(f"/notifications/live/user/{bob.pk}/changes/?after=0").content, "html.parser")
    selector = str(page.select_one("#notifications")["data-rows"])
    kept = {row["id"] for row in pushed.select(".notification") if row in pushed.select(f"li{selector}")}
    assert kept == {row["id"] for row in page.select("#notifications > li")} != set()


def test_a_kind_by_itself(bob: User) -> None:
    notify(bob, "a mention", kind="mention")
    notify(bob, "a note")
    client = signed_in(bob)
    assert shown(client, "/notifications/?kind=mention") == ["a mention"]
    assert Inbox.objects.of(bob).unseen == 2, "not all that is new was on the screen"
    page = BeautifulSoup(client.get("/notifications/?tab=unread&kind=mention").content, "html.parser")
    assert page.select_one("#notifications")["data-rows"] == '.is-unread[data-shelf="inbox"][data-kind="mention"]'
    assert "tab=unread" in str(page.select_one(".filters a[href*='kind=note']")["href"]), "the filter keeps the tab"


@pytest.mark.parametrize(
    "query", ["tab=lost", "kind=spam", "before=yesterday", "before=1-", "before=99999999999999999999-1", "before=1-1-1"]
)
def test_an_address_of_no_list_is_not_found(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/notifications/?{query}").status_code == 404


def test_the_furthest_place_is_the_end_of_nothing(bob: User) -> None:
    notify(bob, "one")
    assert shown(signed_in(bob), "/notifications/?before=99999999999999999-1") == ["one"]


def test_older_ones_come_page_by_page_each_once(many: Inbox, bob: User) -> None:
    # Some of the same moment: their order is by age.
    Notification.objects.filter(inbox=many, seq__gte=100, seq__lt=300).update(newest_at=timezone.now())
    client, address, pages = signed_in(bob), "/notifications/?tab=archived", []
    while address:
        page = BeautifulSoup(client.get(address).content, "html.parser")
        pages.append([text(row) for row in page.select("#notifications > li")])
        link = page.select_one(".list-older a")
        address = str(link["href"]) if link else ""
        assert len(pages) <= 15
    expected = many.notifications.archived().latest_first().values_list("text", flat=True)
    assert [line for page in pages for line in page] == list(expected)
    assert {len(page) for page in pages} == {50}


def test_opening_the_page_is_seeing_what_is_new(rows: dict[str, Notification], bob: User) -> None:
    client = signed_in(bob)
    client.get("/notifications/?tab=archived")
    client.get("/notifications/tray/", headers=HTMX)
    assert bob.inbox.unseen == 1
    page = BeautifulSoup(client.get("/notifications/").content, "html.parser")
    assert page.select_one("#bell-badge").has_attr("hidden")
    assert bob.inbox.unseen == 0
    assert bob.inbox.notifications.unread().exists(), "but not reading it"
    assert page.select_one(f"#cursor-user-{bob.pk}")["data-seq"] == str(Inbox.objects.get(pk=bob.pk).seq)


def test_the_bell_counts_to_ninety_nine(bob: User) -> None:
    for number in range(101):
        notify(bob, f"note {number}")
    page = BeautifulSoup(signed_in(bob).get("/accounts/profile/").content, "html.parser")
    assert page.select_one("#bell-badge").text == "99+ new"


FORMS = [
    ("reading/", {"read": "1"}, "unread", {"read_at": True, "seen_at": True}),
    ("reading/", {"read": "0"}, "read", {"read_at": False, "seen_at": True}),
    ("archiving/", {}, "unread", {"archived_at": True, "read_at": False}),
    ("archiving/", {"archived": "0"}, "archived", {"archived_at": False}),
    ("archiving/", {"archived": "0"}, "snoozed", {"snoozed_until": False}),
    ("snoozing/", {"until": "hour"}, "unread", {"snoozed_until": True}),
    ("snoozing/", {"until": "monday"}, "archived", {"snoozed_until": True, "archived_at": False}),
]


@pytest.mark.parametrize(("noun", "fields", "name", "then"), FORMS)
def test_what_is_done_to_one(
    rows: dict[str, Notification],
    alice: User,
    bob: User,
    noun: str,
    fields: dict[str, str],
    name: str,
    then: dict[str, bool],
) -> None:
    address = f"/notifications/{rows[name].pk}/{noun}"
    assert signed_in(alice).post(address, fields).status_code == 404
    answer = signed_in(bob).post(address, fields | {"next": "/notifications/?tab=unread"})
    assert (answer.status_code, answer["Location"]) == (303, "/notifications/?tab=unread")
    row = Notification.objects.get(pk=rows[name].pk)
    assert {field: bool(getattr(row, field)) for field in then} == then
    again = signed_in(bob).post(address, fields, headers=HTMX)
    assert (again.status_code, again.content) == (204, b"")
    assert signed_in(bob).get(address).status_code == 405


@pytest.mark.parametrize(
    ("noun", "left"),
    [("seeing/", {"unread", "read"}), ("reading/", {"unread", "read"}), ("archiving/", {"unread"})],
)
def test_what_is_done_to_all(rows: dict[str, Notification], alice: User, bob: User, noun: str, left: set[str]) -> None:
    answer = signed_in(bob).post(f"/notifications/{noun}")
    assert (answer.status_code, answer["Location"]) == (303, "/notifications/")
    own = Inbox.objects.of(bob)
    assert set(own.notifications.listed().values_list("text", flat=True)) == left
    assert own.unseen == (1 if noun == "archiving/" else 0)
    assert own.notifications.unread().filter(text="unread").exists() == (noun != "reading/")
    assert own.notifications.snoozed().exists(), "what is snoozed stays away"
    assert Inbox.objects.of(alice).unseen == 1


def test_opening_leads_there_also_from_a_list_by_htmx(bob: User) -> None:
    row = notify(bob, "look", "/accounts/profile/")
    answer = signed_in(bob).post(f"/notifications/{row.pk}/reading/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/accounts/profile/")


def test_a_row_offers_every_time_to_snooze_and_one_of_them_by_a_key(bob: User) -> None:
    notify(bob, "x")
    page = BeautifulSoup(signed_in(bob).get("/notifications/").content, "html.parser")
    buttons = page.select(".snooze-times button")
    assert [(button["value"], button.text) for button in buttons] == [
        ("hour", "1 hour"),
        ("tomorrow", "Tomorrow, 9:00"),
        ("monday", "Monday, 9:00"),
    ]
    assert [button["value"] for button in buttons if button.get("aria-keyshortcuts") == "s"] == ["hour"]


def test_times_are_those_of_the_sites_time_zone_and_say_so(bob: User, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    row = notify(bob, "x")
    bob.inbox.snooze(datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    Notification.objects.filter(pk=row.pk).update(newest_at=datetime(2026, 11, 19, 22, 30, tzinfo=UTC))
    page = BeautifulSoup(signed_in(bob).get("/notifications/?tab=snoozed").content, "html.parser")
    assert [time.text for time in page.select(".notification time")] == [
        "20 Nov 2026, 04:00 IST",
        "20 Nov 2026, 15:00 IST",
    ]


@pytest.mark.parametrize("until", ["", "never", "2026-11-23"])
def test_a_time_that_is_none_of_the_choices_is_refused(bob: User, until: str) -> None:
    row = notify(bob, "x")
    assert signed_in(bob).post(f"/notifications/{row.pk}/snoozing/", {"until": until}).status_code == 422
    assert Notification.objects.get(pk=row.pk).shelf == "inbox"


@pytest.mark.parametrize(
    "back", ["https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org", "home"]
)
def test_nobody_is_led_to_another_site(bob: User, back: str) -> None:
    row = notify(bob, "x")
    answer = signed_in(bob).post(f"/notifications/{row.pk}/archiving/", {"next": back})
    assert answer["Location"] == "/notifications/"


def test_rows_know_no_viewer(bob: User) -> None:
    notify(bob, "x")
    tray = signed_in(bob).get("/notifications/tray/", headers=HTMX).content.decode()
    assert "csrf" not in tray
    assert "bob" not in tray


@pytest.mark.parametrize("address", ["tray/", "", "?tab=unread", "?tab=archived&kind=note"])
def test_a_list_costs_the_same_however_much_there_is(many: Inbox, bob: User, alice: User, address: str) -> None:
    def queries(user: User) -> int:
        client = signed_in(user)
        client.get("/accounts/profile/")  # Once a minute the device is noted.
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/notifications/{address}", headers=HTMX)
        assert not [query for query in captured if re.search(r"OFFSET|COUNT\(", query["sql"])]
        return len(captured)

    nobody = User.objects.create_user("dora")
    Inbox.objects.of(nobody)
    assert queries(bob) == queries(nobody) <= 4


def plan(found: Any) -> str:
    """Return how the database finds the rows."""
    return str(found.explain())


def first(found: NotificationQuerySet) -> Any:
    """Return what the tray asks for."""
    return found.latest_first()[:21]


def test_lists_and_the_bell_are_read_from_their_indexes(many: Inbox) -> None:
    own = many.notifications
    place = own.latest_first()[500]
    for asked in (first(own.listed()), own.listed().page(51, (place.newest_at, place.pk))):
        assert "newest_notifications" in plan(asked)
        assert not re.search(r"sort|temp b-tree", plan(asked), re.IGNORECASE), "they are in order already"
    assert "unseen_notifications" in plan(own.unseen())
    assert "snoozed_notifications" in plan(
        Notification.objects.filter(snoozed_until__lte=timezone.now() - timedelta(1))
    )


def test_the_admin_shows_states_and_no_texts(rows: dict[str, Notification], alice: User) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = signed_in(alice)
    Notification.objects.update(text="hunter2")
    for address in ("", f"{rows['archived'].pk}/change/"):
        page = client.get(f"/admin/notifications/notification/{address}").content.decode()
        assert "inbox of bob" in page
        assert "hunter2" not in page
