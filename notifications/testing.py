"""Test helpers for pushes: what was sent, to whom, and what was not.

with captured_pushes() as pushes:
    ...
assert_pushed(pushes, order, "#order-5")
assert_pushed(pushes, bob, "#order-5", verb="remove")
assert_not_pushed(pushes, carol)
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from unittest import mock

from bs4 import BeautifulSoup, Tag
from django.test import TestCase

from notifications.live import door
from notifications.live.door import Event as Event
from notifications.live.door import Recipient, group_name
from notifications.live.verbs import SWAPS, Verb


@contextmanager
def captured_pushes() -> Iterator[list[Event]]:
    """Collect the events that leave for the channel layer, after commit, instead of sending them.

    Inside a transaction, as in a test of Django's `TestCase`, what the block leaves to the commit is done at its end.
    """
    events: list[Event] = []
    with mock.patch.object(door, "_send", events.extend), TestCase.captureOnCommitCallbacks(execute=True):
        yield events


def pushed(events: Iterable[Event], to: Recipient, selector: str, verb: Verb | None = None) -> list[Tag]:
    """Return the elements among what was pushed to `to` that match a CSS selector.

    With a verb, `selector` is its target, and what is returned are the envelopes of what it brought.
    """
    group = group_name(to)
    html = "".join(event.get("html", "") for event in events if event["group"] == group)
    # What is in a template is no part of the document, for a parser either.
    document = BeautifulSoup(re.sub(r"(?<=<)(/?)template\b", r"\1div", html), "html.parser")
    return list(document.select(f'[hx-swap-oob="{SWAPS[verb]}:{selector}"]' if verb else selector))


def assert_pushed(events: Iterable[Event], to: Recipient, selector: str = "*", verb: Verb | None = None) -> list[Tag]:
    """Fail unless an element that matches was pushed to `to`; return those that do."""
    found = pushed(events, to, selector, verb)
    wanted = f"{verb} of {selector}" if verb else selector
    assert found, f"No {wanted} was pushed to {group_name(to)}. {_told(events)}"
    return found


def assert_not_pushed(events: Iterable[Event], to: Recipient, selector: str = "*", verb: Verb | None = None) -> None:
    """Fail if an element that matches was pushed to `to`."""
    found = "\n".join(str(element) for element in pushed(events, to, selector, verb))
    assert not found, f"This was pushed to {group_name(to)}:\n{found}"


def _told(events: Iterable[Event]) -> str:
    lines = [f"  {event['group']}, {event['event']}: {event.get('html', '').strip()[:200]}" for event in events]
    return "\n".join(["There were:", *lines]) if lines else "Nothing was pushed at all."
