"""M1: staff who may look around in the administration see what its pages show, and nothing more by asking."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from messaging.models import Chat
from notifications.inbox.notify import notify
from notifications.models import Announcement, Job
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

HOWS = "exact iexact contains icontains startswith istartswith endswith regex iregex gt lt gte lte in range isnull len"
PRIVATE = {
    "notifications/notification": "id pk text url subject inbox inbox__user__password inbox__user__email seq",
    "notifications/job": "id log error result_url result_label arguments key title user__password",
    "notifications/announcement": "id body html client_id author__password author__username deliveries__job__log",
    "notifications/delivery": "id announcement__body job__log job__arguments announcement__author__password",
    "notifications/receipt": "id user__password delivery__announcement__body user__email",
    "notifications/heartbeat": "pk name name__lower",
    "auth/user": "id email password first_name chat_memberships messages__body inbox called sessions__x jobs__log",
    "messaging/chat": "id pk name direct_key messages__body messages__html memberships__user memberships__level",
}
OFFERED = [
    ("notifications/notification", "kind__exact=direct"),
    ("notifications/job", "state__exact=failed"),
    ("notifications/announcement", "every__exact=day"),
    ("notifications/announcement", "must_acknowledge__exact=1"),
    ("notifications/receipt", "acknowledged_at__isempty=1"),
    ("messaging/chat", "kind__exact=direct"),
    ("messaging/chat", "q=General"),
    ("auth/user", "is_staff__exact=1&is_active__exact=1&is_superuser__exact=0"),
    ("auth/user", "groups__id__exact=1"),
    ("auth/user", "q=bob"),
    ("notifications/notification", "q=bob&o=1"),
]


@pytest.fixture
def looker(alice: User, bob: User, carol: User, room: Chat) -> Client:
    """The browser of carol of the staff, who may look around. Others have each of what there is to look at."""
    now = timezone.now()
    Chat.objects.direct([alice, bob]).post(alice, "hunter2")
    notify(bob, "hunter2")
    Job.objects.create(user=bob, title="Import", log="hunter2", alive_at=now)
    announcement = Announcement.objects.create(author=alice, title="Cake", body="x", audience="all", first_at=now)
    announcement.deliveries.create(due_at=now, alive_at=now, retry_at=now).receipts.create(user=bob)
    carol.is_staff = True
    carol.save()
    carol.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return signed_in(carol)


def ask(looker: Client, page: str, lookup: str, value: str = "h") -> tuple[int, str]:
    answer = looker.get(f"/admin/{page}/", {lookup: value})
    return answer.status_code, "result_list" if 'id="result_list"' in answer.content.decode() else ""


@pytest.mark.parametrize("page", PRIVATE)
def test_no_column_is_asked_for_by_the_address(looker: Client, page: str) -> None:
    for column in PRIVATE[page].split():
        for lookup in (column, *(f"{column}__{how}" for how in HOWS.split())):
            assert ask(looker, page, lookup) == (400, ""), lookup


@pytest.mark.parametrize("value", ["%", "'", "[", "1,2", "\0", "²", "9" * 30, "hunter2"])
def test_no_value_makes_it_an_answer(looker: Client, value: str) -> None:
    for page, columns in PRIVATE.items():
        assert ask(looker, page, f"{columns.split()[1]}__regex", value) == (400, "")


@pytest.mark.parametrize(("page", "query"), OFFERED)
def test_what_the_page_offers_is_answered(looker: Client, page: str, query: str) -> None:
    assert looker.get(f"/admin/{page}/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("notifications/notification", "kind__startswith"),
        ("notifications/announcement", "every__regex"),
        ("messaging/chat", "kind__gt"),
        ("messaging/chat", "kind__exact__startswith"),
    ],
)
def test_not_even_the_filters_columns_are_asked_otherwise(looker: Client, page: str, lookup: str) -> None:
    assert ask(looker, page, lookup) == (400, "")


@pytest.mark.parametrize("value", ["\0", "'", "x", "2", ""])
@pytest.mark.parametrize("lookup", [query.partition("=")[0] for _, query in OFFERED if "exact" in query])
def test_odd_values_of_the_filters_are_refused_or_find_nothing(looker: Client, lookup: str, value: str) -> None:
    for page in {page for page, query in OFFERED if query.startswith(lookup)}:
        assert ask(looker, page, lookup, value)[0] in {200, 302, 400}
