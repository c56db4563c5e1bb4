"""People and their inboxes in the admin: they go together, and a notification never by itself."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from messaging.models import Chat
from notifications.inbox.notify import notify
from notifications.models import Announcement, Inbox, Job, Notification
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/auth/user/"


@pytest.fixture
def operator(alice: User) -> Client:
    """The browser of alice, who may do everything."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return signed_in(alice)


@pytest.fixture
def row(alice: User, bob: User) -> Notification:
    """A notification of bob's, who has a background task and was sent an announcement as well."""
    Job.objects.create(user=bob, title="Import")
    now = timezone.now()
    announcement = Announcement.objects.create(author=alice, title="Cake", audience="all", first_at=now)
    announcement.deliveries.create(due_at=now, alive_at=now, retry_at=now).receipts.create(user=bob)
    return notify(bob, "hunter2")


def form_of(user: User, action: str) -> tuple[str, dict[str, object]]:
    """Return where and how a person is deleted: on a page of their own, or chosen from the list."""
    if action == "page":
        return f"{PEOPLE}{user.pk}/delete/", {"post": "yes"}
    return PEOPLE, {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}


@pytest.mark.parametrize("action", ["page", "list"])
def test_a_person_is_deleted_together_with_their_inbox(
    operator: Client, row: Notification, bob: User, carol: User, action: str
) -> None:
    kept = notify(carol, "stays")
    address, fields = form_of(bob, action)
    asked = operator.post(address, {name: value for name, value in fields.items() if name != "post"})
    assert "hunter2" not in asked.content.decode()
    assert operator.post(address, fields).status_code == 302
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "carol"}
    assert not Inbox.objects.filter(pk=bob.pk).exists()
    assert list(Notification.objects.all()) == [kept]


@pytest.mark.parametrize("action", ["page", "list"])
def test_who_wrote_is_kept_and_the_page_does_not_say_what_they_wrote(
    operator: Client, alice: User, bob: User, action: str
) -> None:
    Chat.objects.direct([alice, bob]).post(bob, "hunter2")
    address, fields = form_of(bob, action)
    answer = operator.post(address, fields)
    assert answer.status_code == 200
    assert "would require deleting the following protected related objects" in answer.content.decode()
    assert "hunter2" not in answer.content.decode()
    assert User.objects.filter(pk=bob.pk).exists()


def test_staff_who_may_only_delete_people_are_refused_those_who_have_an_inbox(
    row: Notification, bob: User, carol: User
) -> None:
    carol.is_staff = True
    carol.save()
    carol.user_permissions.set(Permission.objects.filter(codename__in=["delete_user", "view_user"]))
    address, fields = form_of(bob, "page")
    assert signed_in(carol).post(address, fields).status_code == 403
    assert Notification.objects.filter(pk=row.pk).exists()


def test_a_notification_cannot_be_deleted_by_itself(operator: Client, row: Notification) -> None:
    its_own = "/admin/notifications/notification/"
    assert operator.post(f"{its_own}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in operator.get(its_own).content.decode()
    assert f"{row.pk}/delete/" not in operator.get(f"{its_own}{row.pk}/change/").content.decode()
    operator.post(its_own, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert Notification.objects.filter(pk=row.pk).exists()
