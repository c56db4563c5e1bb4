"""Verbs: whom they reach, what they send, and what they refuse before anything is rendered."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils.functional import SimpleLazyObject

from notifications.inbox.notify import anotify
from notifications.live import door, verbs
from notifications.live.door import EVERYBODY, apush, suppress_pushes
from notifications.live.verbs import act, append, dom_id, prepend, remove, replace, update
from notifications.relay import process
from notifications.relay.close_codes import CloseCode
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.notifications.relay.test_relay import Page, opened

pytestmark = pytest.mark.django_db(transaction=True)

LINE = "shop/_line.html"


@pytest.fixture(autouse=True)
def partial(templates: Path) -> None:
    """A shop's partial."""
    (templates / "shop").mkdir()
    (templates / LINE).write_text('<li id="line-1">{{ text }}</li>')


def test_each_verb_names_its_target_and_what_htmx_does_with_it(alice: User, pushes: list[Event]) -> None:
    for verb in (append, prepend, replace, update):
        verb(alice, "#lines", LINE, {"text": "Tea"})
    remove(alice, "#lines")
    swaps = [envelope["hx-swap-oob"] for envelope in assert_pushed(pushes, alice, "[data-verb]")]
    assert swaps == ["beforeend:#lines", "afterbegin:#lines", "outerHTML:#lines", "innerHTML:#lines", "delete:#lines"]
    assert [line.text for line in assert_pushed(pushes, alice, "#line-1")] == ["Tea"] * 4


def test_a_verb_reaches_objects_groups_and_everybody_and_nobody_else(
    alice: User, bob: User, carol: User, pushes: list[Event]
) -> None:
    append(User.objects.filter(pk__in=[alice.pk, bob.pk]), "#lines", LINE)
    append([alice, "kitchen", alice], "#lines", LINE)
    append(EVERYBODY, "#lines", LINE)
    append([], "#lines", LINE)
    groups = [event["group"] for event in pushes]
    assert groups == [f"user.{alice.pk}", f"user.{bob.pk}", "kitchen", f"user.{alice.pk}", "everybody"]
    assert_not_pushed(pushes, carol)


def test_however_many_are_told_it_is_rendered_once_and_leaves_in_few_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    trips: list[Sequence[Event]] = []

    def render(template: str, context: dict[str, Any] | None) -> str:
        rendered.append(template)
        return "<li>Tea</li>"

    monkeypatch.setattr(verbs, "render_to_string", render)
    monkeypatch.setattr(door, "_send_in_loop", trips.append)
    append([f"table.{number}" for number in range(1001)], "#lines", LINE)
    assert (len(rendered), [len(events) for events in trips]) == (1, [500, 500, 1])


def test_it_leaves_after_the_commit_and_not_after_a_rollback(alice: User, pushes: list[Event]) -> None:
    with transaction.atomic():
        append(alice, "#lines", LINE, {"text": "kept"})
        assert pushes == []
    with transaction.atomic():
        append(alice, "#lines", LINE, {"text": "lost"})
        transaction.set_rollback(True)
    assert [line.text for line in assert_pushed(pushes, alice, "#line-1")] == ["kept"]


def test_what_people_wrote_is_escaped_and_a_target_cannot_be_more_than_an_id(alice: User, pushes: list[Event]) -> None:
    append(alice, "#lines", LINE, {"text": '<b hx-get="/">'})
    assert "&lt;b" in pushes[0]["html"]
    for target in ("lines", "#lines li", "#1", "", "#", '#a"><b>', "#a\n", "body", "#ä"):
        with pytest.raises(ValueError, match="A target is the id of one element"):
            append(alice, target, LINE)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda: append(User(username="dave"), "#lines", "missing.html"), "Save <User: dave> before"),
        (lambda: append("order 5!", "#lines", "missing.html"), "not to 'order 5!'"),
        (lambda: append(["kitchen", 5], "#lines", "missing.html"), "not to 5"),  # type: ignore[list-item]
        (lambda: append(None, "#lines", "missing.html"), "not to None"),  # type: ignore[arg-type]
        (lambda: act("explode", "kitchen", "#lines", "missing.html"), "'explode' is none of the verbs append"),  # type: ignore[arg-type]
        (lambda: door.push(Group(name="cooks"), "missing.html"), "Save <Group: cooks> before"),
    ],
)
def test_a_mistake_raises_before_anything_is_rendered(
    attempt: Callable[[], Any], why: str, pushes: list[Event]
) -> None:
    with pytest.raises(ValueError, match=why):
        attempt()
    assert pushes == []


def test_an_object_and_its_element_have_the_same_name(alice: User) -> None:
    for one in (alice, SimpleLazyObject(lambda: alice)):
        assert (door.group_name(one), dom_id(one)) == (f"user.{alice.pk}", f"user-{alice.pk}")  # type: ignore[arg-type]


def test_suppressed_pushes_are_neither_rendered_nor_sent_not_even_by_a_later_commit(
    alice: User, pushes: list[Event]
) -> None:
    with transaction.atomic():
        with suppress_pushes():
            with suppress_pushes():
                append(alice, "#lines", "missing.html")
            door.push(alice, "missing.html")
        append(alice, "#lines", LINE, {"text": "heard"})
    assert [line.text for line in assert_pushed(pushes, alice, "#line-1")] == ["heard"]


def test_rights_are_looked_at_whatever_is_suppressed(alice: User, pushes: list[Event]) -> None:
    with suppress_pushes():
        door.recheck_rights([alice.pk])
    assert [event["event"] for event in pushes] == ["recheck"]


async def test_everybody_are_all_who_are_signed_in(alice: User, carol: User) -> None:
    pages = [await opened(person, f"user.{person.pk}") for person in (alice, carol)]
    nobody = Page("", f"user.{alice.pk}")
    process.current().add(nobody.socket)
    await nobody.until(lambda: nobody.closed_with == CloseCode.SIGNED_OUT)
    await verbs.aappend(EVERYBODY, "#lines", LINE, {"text": "Tea"})
    for page in pages:
        await page.until(lambda page=page: "Tea" in page.text)  # type: ignore[misc]
    assert nobody.frames == []


async def test_one_task_is_silent_and_another_is_heard(alice: User, bob: User, pushes: list[Event]) -> None:
    with suppress_pushes():
        await verbs.aappend(alice, "#lines", LINE)
        await sync_to_async(append)(alice, "#lines", LINE)
    await verbs.aappend(bob, "#lines", LINE)
    assert [event["group"] for event in pushes] == [f"user.{bob.pk}"]


async def test_async_code_has_twins_of_all_that_pushes(alice: User, pushes: list[Event]) -> None:
    for twin in (verbs.aappend, verbs.aprepend, verbs.areplace, verbs.aupdate):
        await twin(alice, "#lines", LINE)
    await verbs.aremove(alice, "#lines")
    await apush(alice, LINE)
    await anotify(alice, "Dinner is ready")
    events = [event["event"] for event in pushes]
    assert events[:6] == ["append", "prepend", "replace", "update", "remove", "_line"]
    assert "Dinner is ready" in pushes[-1]["html"]
