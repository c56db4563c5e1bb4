"""S4: nothing is marked as read that no person has seen."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from messaging.models import Chat
from notifications.models import Announcement, Notification
from notifications.push import notify
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

UNSEEN = {
    "head": ("HEAD", {}),
    "prefetch": ("GET", {"Sec-Purpose": "prefetch"}),
    "prerender": ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    "older prefetch": ("GET", {"Purpose": "prefetch"}),
}
SEEN = {"get": ("GET", {}), "other purpose": ("GET", {"Purpose": "navigate"})}


@pytest.fixture
def is_marked(room: Chat, alice: User, bob: User) -> dict[str, Callable[[], bool]]:
    """For each page that marks something for bob: whether it has."""
    room.post(alice, "hello")
    announcement = Announcement.objects.create(author=alice, title="Cake", audience="all", first_at=timezone.now())
    now = timezone.now()
    delivery = announcement.deliveries.create(due_at=now, alive_at=now, retry_at=now)
    delivery.receipts.create(user=bob)
    notify(bob, "Cake", announcement.get_absolute_url(), subject=announcement.subject)
    notify(bob, "Room", room.get_absolute_url(), subject=room.stream)

    def is_read(subject: str) -> bool:
        return Notification.objects.get(subject=subject).read_at is not None

    return {
        room.get_absolute_url(): lambda: room.memberships.get(user=bob).read_number > 0 or is_read(room.stream),
        announcement.get_absolute_url(): lambda: is_read(announcement.subject),
        "/notifications/": lambda: Notification.objects.exclude(seen_at=None).exists(),
    }


@pytest.mark.parametrize(("method", "headers"), UNSEEN.values(), ids=UNSEEN)
def test_what_is_fetched_in_advance_is_not_read(
    is_marked: dict[str, Callable[[], bool]], bob: User, method: str, headers: dict[str, str]
) -> None:
    for path, marked in is_marked.items():
        assert signed_in(bob).generic(method, path, headers=headers).status_code == 200
        assert not marked(), path


@pytest.mark.parametrize(("method", "headers"), SEEN.values(), ids=SEEN)
def test_what_is_looked_at_is_read_but_a_chat_only_as_far_as_its_page_says(
    is_marked: dict[str, Callable[[], bool]], room: Chat, bob: User, method: str, headers: dict[str, str]
) -> None:
    for path, marked in is_marked.items():
        assert signed_in(bob).generic(method, path, headers=headers).status_code == 200
        assert marked() == (path != room.get_absolute_url()), path
