"""`{% pushes %}`: what it brings to a page of a project's own."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, Template
from django.test import RequestFactory

from notifications.inbox.models.inbox import Inbox
from notifications.push import jobs, notify

pytestmark = pytest.mark.django_db
PAGE = "{% load pushes %}{% pushes 'head' %}{% pushes 'bell' %}{% pushes 'body' %}"


def page_of(who: User | AnonymousUser, **context: Any) -> BeautifulSoup:
    request: Any = RequestFactory().get("/")
    request.user = who
    return BeautifulSoup(Template(PAGE).render(Context({"request": request, **context})), "html.parser")


def test_whatever_a_page_calls_so_it_is_whose_browser_asks(alice: User, bob: User) -> None:
    jobs.start(bob, "Bob's secret", "shop.tasks.count")
    notify(bob, "for bob")
    page = page_of(alice, user=bob, inbox=Inbox.objects.of(bob), oob=True)
    assert "secret" not in page.text
    assert page.select_one("#bell-badge").has_attr("hidden")
    assert page.select_one(f"[data-socket='/ws/live/'][data-stream='user.{alice.pk}']")
    assert not page.select("#jobs[hx-swap-oob]")


def test_who_is_not_signed_in_gets_styles_only(alice: User) -> None:
    page = page_of(AnonymousUser(), user=alice)
    assert page.select("link[rel=stylesheet]")
    assert not page.select("script, #tray, .bell, [data-socket]")


def test_an_error_page_has_no_request_and_is_no_error_itself() -> None:
    page = BeautifulSoup(Template(PAGE).render(Context()), "html.parser")
    assert page.select("link[rel=stylesheet]")
    assert not page.select("script, [data-socket]")
