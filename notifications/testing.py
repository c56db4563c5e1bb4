"""Test helpers for pushes: what was sent, to whom, and what was not.

with captured_pushes() as pushes:
    ...
assert_pushed(pushes, "chat.12", "#message-5")
assert_not_pushed(pushes, "chat.13")
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from bs4 import BeautifulSoup, Tag

from notifications import push

Event = dict[str, Any]


@contextmanager
def captured_pushes() -> Iterator[list[Event]]:
    """Collect the events that leave for the channel layer, after commit, instead of sending them."""
    events: list[Event] = []
    with mock.patch.object(push, "_send", events.append):
        yield events


def pushed(events: list[Event], group: str, selector: str) -> list[Tag]:
    """Return the elements among what was pushed to `group` that match a CSS selector."""
    html = "".join(event["html"] for event in events if event["group"] == group)
    return list(BeautifulSoup(html, "html.parser").select(selector))


def assert_pushed(events: list[Event], group: str, selector: str) -> list[Tag]:
    """Fail unless an element that matches was pushed to `group`; return those that do."""
    found = pushed(events, group, selector)
    sent = [f"{event['group']}: {event.get('html', '')[:200]}" for event in events]
    assert found, f"No {selector} was pushed to {group}; there were: {sent}"
    return found


def assert_not_pushed(events: list[Event], group: str, selector: str = "*") -> None:
    """Fail if an element that matches was pushed to `group`."""
    found = pushed(events, group, selector)
    assert not found, f"{selector} was pushed to {group}: {found}"
