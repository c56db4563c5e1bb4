"""What the benchmarks ask of Django, done in a process that has nothing else to do (see `people.py`)."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

TEXT = "The new front page is on staging, have a **look** when you find a minute."
POST_MARK = "sent-at-"


class Filled(NamedTuple):
    """A chat whose first members are signed in."""

    chat_pk: int
    seq: int
    sessions: list[str]
    fragment: str


def tokens(people: int) -> list[str]:
    """Return tokens of the first members, by which programs write as them."""
    from django.contrib.auth.models import User

    from notifications.models import Token

    return [Token.objects.issue(user, "", ["write"])[1] for user in User.objects.order_by("pk")[:people]]


class Told(NamedTuple):
    """How many receipts there are of an announcement, how many notifications, and how many people have both."""

    receipts: int
    notifications: int
    both: int


class Opened(NamedTuple):
    """What a page has cost in here."""

    seconds: float
    cpu_seconds: float
    queries: int
    size: int


def set_up() -> None:
    """Get Django ready; a process can do that once, so one that measures on two databases has two of these."""
    import django

    django.setup()


def fill(members: int, signed_in: int) -> Filled:
    """Make the tables, and a chat with so many members of whom some are signed in."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from messaging.messages.broadcasts import message_html
    from messaging.models import Chat, Membership

    call_command("migrate", verbosity=0)
    User.objects.bulk_create((User(username=f"member{number}") for number in range(members)), batch_size=1000)
    users = list(User.objects.order_by("pk"))
    chat = Chat.objects.start(users[0], "Benchmark", Chat.Kind.PRIVATE)
    Membership.objects.bulk_create((Membership(chat=chat, user=user) for user in users[1:]), batch_size=1000)
    message = chat.post(users[0], TEXT)
    sessions = [_sign_in(user) for user in users[:signed_in]]
    return Filled(chat.pk, message.changed_seq, sessions, message_html(message, is_new=True))


def post(chat_pk: int, text: str) -> None:
    """Post a message as a command or a task does, without the web server."""
    from django.contrib.auth.models import User

    from messaging.models import Chat

    Chat.objects.get(pk=chat_pk).post(User.objects.earliest("pk"), text)


def say(chat_pk: int, count: int, rate: int) -> None:
    """Post so many messages, so many a second; with no rate, as fast as it goes."""
    began = time.monotonic()
    for number in range(count):
        if rate:
            time.sleep(max(0, began + number / rate - time.monotonic()))
        post(chat_pk, f"{TEXT} {number}")


def say_the_time(chat_pk: int, count: int, rate: int) -> None:
    """Post so many messages, so many a second, each of which begins with when it was posted, in ns."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0, began + number / rate - time.monotonic()))
        post(chat_pk, f"{POST_MARK}{time.monotonic_ns():019} {TEXT}")


def seq(chat_pk: int) -> int:
    """Return how far a chat is."""
    from messaging.models import Chat

    return Chat.objects.get(pk=chat_pk).seq


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Collect the statements of a `with` block; Django's own log is full after 9,000, and then they count as none."""
    from django.db import connection

    queries: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        queries.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        yield queries


def queries_of_a_post(chat_pk: int, session: str) -> int:
    """Return how many queries the request makes that posts a message by the form."""
    browser = _browser(session)
    # Once a minute a request notes the device that it comes from.
    browser.get("/")
    with _counted() as queries:
        answer = browser.post(f"/chats/{chat_pk}/messages/", {"body": TEXT, "client_id": str(uuid.uuid4())})
    if answer.status_code != 200:
        raise RuntimeError(f"a post was answered with {answer.status_code}")
    return len(queries)


def post_form(session: str, chat_pk: int) -> Opened:
    """Post a message by the form; what is pushed goes out, and no worker has its task done."""
    browser, form = _browser(session), {"body": TEXT, "client_id": str(uuid.uuid4())}
    began, cpu = time.perf_counter(), time.process_time()
    with _counted() as queries:
        answer = browser.post(f"/chats/{chat_pk}/messages/", form)
    if answer.status_code != 200:
        raise RuntimeError(f"a post was answered with {answer.status_code}")
    return Opened(time.perf_counter() - began, time.process_time() - cpu, len(queries), len(answer.content))


def unnotified() -> int:
    """Return for how many messages the worker has not done its task yet."""
    from messaging.models import Message

    return Message.objects.filter(notified_at=None).count()


def announce() -> int:
    """Announce something to everybody; return the primary key of the announcement."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from notifications.announcements import sending as announcements
    from notifications.models import Announcement

    author = User.objects.earliest("pk")
    author.is_staff = True
    author.save(update_fields=["is_staff"])
    made = Announcement.objects.announce(
        author,
        title="Fire drill at noon",
        body=TEXT,
        audience="all",
        first_at=timezone.now(),
        must_acknowledge=True,
    )
    announcements.send_soon()
    return made.pk


def sent(announcement_pk: int) -> tuple[int, bool]:
    """Return how many people have got an announcement, and whether that is all."""
    from notifications.models import Delivery

    delivery = Delivery.objects.filter(announcement=announcement_pk).first()
    return (delivery.count, delivery.ended_at is not None) if delivery else (0, False)


def told(announcement_pk: int) -> Told:
    """Return who was told of an announcement that is sent."""
    from notifications.models import Announcement, Notification, Receipt

    subject = Announcement.objects.get(pk=announcement_pk).subject
    receipts = Receipt.objects.filter(delivery__announcement=announcement_pk)
    notifications = Notification.objects.filter(subject=subject, count=1)
    both = notifications.filter(inbox__user__in=receipts.values("user"))
    return Told(receipts.count(), notifications.count(), both.values("inbox").distinct().count())


def fill_inbox(count: int) -> None:
    """Give the first person so many notifications, each about something else."""
    from django.contrib.auth.models import User

    from notifications.inbox.notify import notify

    user = User.objects.earliest("pk")
    for number in range(count):
        notify(user, f"Backup {number} finished", "/", subject=f"backup.{number}")


def fill_rooms(chat_pk: int, count: int) -> None:
    """Put the first person into so many open rooms, and let something be said in a chat they are in."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from messaging.models import Chat, Membership

    user, now = User.objects.earliest("pk"), timezone.now()
    rooms = [Chat(name=f"Room {number}", name_key=f"room {number}", said_at=now) for number in range(count)]
    Chat.objects.bulk_create(rooms, batch_size=500)
    Membership.objects.bulk_create((Membership(chat=chat, user=user) for chat in rooms), batch_size=500)
    for _ in range(50):
        Chat.objects.get(pk=chat_pk).post(user, TEXT)


def analyze() -> None:
    """Let PostgreSQL count what it holds, as it does by itself a minute after so much has been written."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def push_to_list(deed: str, chat_pk: int) -> Opened:
    """Push to the first person's pages what a deed changes in their list of chats."""
    from django.contrib.auth.models import User

    from messaging.chats import broadcasts
    from messaging.chats.models.folding import folding_of
    from messaging.models import Chat
    from notifications.testing import captured_pushes

    user = User.objects.earliest("pk")
    last = Chat.objects.get(pk=chat_pk).last_number
    deeds = {
        "message": lambda: broadcasts.new_message(chat_pk, last, 0, {}),
        "mention": lambda: broadcasts.new_message(chat_pk, last, 0, {str(user.pk): 1}),
        "read": lambda: broadcasts.chat_read(user.pk, chat_pk, last, 0),
        "entry": lambda: broadcasts.chat_listed(user.pk, chat_pk),
        "folding": lambda: broadcasts.sections_folded(folding_of(user)),
        "list": lambda: broadcasts.chats_changed(user.pk),
    }
    began, cpu = time.perf_counter(), time.process_time()
    with _counted() as queries, captured_pushes() as pushes:
        deeds[deed]()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return Opened(seconds, cpu_seconds, len(queries), sum(len(event.get("html", "")) for event in pushes))


def open_tray(session: str) -> Opened:
    """Open the tray by a request, as a page does it."""
    from django.urls import reverse

    return open_page(session, reverse("notifications:tray"), is_htmx=True)


def open_page(session: str, address: str, is_htmx: bool = False, is_cold: bool = False) -> Opened:
    """Fetch a page, or what htmx puts into one; cold, with nothing of it rendered before."""
    from messaging import kept

    if is_cold:
        kept.store.clear()

    browser = _browser(session, is_htmx)
    began, cpu = time.perf_counter(), time.process_time()
    with _counted() as queries:
        answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} was answered with {answer.status_code}")
    return Opened(time.perf_counter() - began, time.process_time() - cpu, len(queries), len(answer.content))


@cache
def _browser(session: str, is_htmx: bool = True) -> Any:
    """Return a browser that is signed in; it loads the middleware at its first request, as a server does once."""
    from django.conf import settings
    from django.test import Client

    browser = Client(headers={"Host": "localhost"} | ({"HX-Request": "true"} if is_htmx else {}))
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    return browser


def give_passwords() -> None:
    """Give all but the first a password, one and the same: hashing it for each would take long."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    User.objects.exclude(username="member0").update(password=make_password("never-guessed-in-time"))


def _sign_in(user: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def hook(chat_pk: int, urls: list[str]) -> None:
    """Let these addresses hear what is said in the chat."""
    from messaging.models import Chat
    from notifications.models import Webhook

    chat = Chat.objects.get(pk=chat_pk)
    owner = chat.memberships.get(is_owner=True).user
    for url in urls:
        Webhook.objects.create(subject=chat.stream, owner=owner, url=url, events=["message.created"])
    Chat.objects.filter(pk=chat_pk).update(is_hooked=True)
