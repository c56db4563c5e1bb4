"""Kinds of notifications, which an app adds to."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from notifications.push import kinds, mark_read, notify, notify_many
from notifications.testing import assert_not_pushed, assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def order(monkeypatch: pytest.MonkeyPatch, templates: Path) -> None:
    """Two kinds of an app: one that rings, one that only stands in the list."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    (templates / "order.svg").write_text("<svg class=order></svg>")
    kinds.register("order", "Order", "order.svg")
    kinds.register("digest", "Digest", "order.svg", rings=False)


def page_of(user: User, query: str = "") -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(f"/notifications/{query}").content, "html.parser")


def test_a_kind_of_an_app_has_its_sign_its_words_and_its_filter(bob: User, alice: User) -> None:
    with captured_pushes() as pushes:
        notify(bob, "Two pies", kind="order", subject="order.1")
        notify(bob, "Three pies", kind="order", subject="order.1")
    row = assert_pushed(pushes, bob, ".notification[data-kind=order]")[-1]
    assert row.select_one("svg.order")
    assert "2 new orders" in row.text
    assert_pushed(pushes, bob, ".bell-toast")
    assert_not_pushed(pushes, alice)
    assert page_of(bob).select_one("nav.filters").text.split()[-2:] == ["Orders", "Digests"]
    assert page_of(bob, "?kind=order").select_one(".notification[data-kind=order]")
    assert not page_of(bob, "?kind=digest").select(".notification")


def test_what_does_not_ring_only_stands_in_the_list(bob: User) -> None:
    with captured_pushes() as pushes:
        notify(bob, "Yesterday", kind="digest", subject="digest")
        notify_many([bob.pk], "Today", kind="digest", subject="digest", key="digest.2")
    assert_pushed(pushes, bob, ".notification.is-unread[data-kind=digest]")
    assert_not_pushed(pushes, bob, ".bell-toast")
    assert assert_pushed(pushes, bob, "#bell-badge")[-1].has_attr("hidden")
    assert bob.inbox.unseen == 0
    assert mark_read(bob) == 1, "both are in one row"


def test_a_kind_that_nobody_registers_any_more_is_a_note(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    notify(bob, "Two pies", kind="order")
    monkeypatch.delitem(kinds._kinds, "order")
    row = page_of(bob).select_one(".notification")
    assert "Note ·" in " ".join(row.text.split())
    assert not row.select("svg.order")
    assert signed_in(bob).get("/notifications/?kind=order").status_code == 404


def test_a_kind_that_there_is_not_is_refused_and_nothing_is_told(bob: User) -> None:
    with captured_pushes() as pushes, pytest.raises(ValueError, match=r"'orders' is no kind .* order, digest"):
        notify(bob, "Two pies", kind="orders")
    assert pushes == []
