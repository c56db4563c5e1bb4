"""What the benchmarks ask of Django, done in a process that has nothing else to do (see `people.py`)."""

import uuid
from typing import Any, NamedTuple

TEXT = "The new front page is on staging, have a **look** when you find a minute."
POST_MARK = "sent-at-"


class Filled(NamedTuple):
    """A chat whose first members are signed in."""

    chat_pk: int
    seq: int
    sessions: list[str]
    fragment: str


def set_up() -> None:
    """Get Django ready; a process can do that once, so one that measures on two databases has two of these."""
    import django

    django.setup()


def fill(members: int, signed_in: int) -> Filled:
    """Make the tables, and a chat with so many members of whom some are signed in."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from messaging.broadcasts import message_html
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


def queries_of_a_post(chat_pk: int, session: str) -> int:
    """Return how many queries the request makes that posts a message by the form."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    queries: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        queries.append(sql)
        return execute(sql, *args)

    browser = Client(headers={"HX-Request": "true", "Host": "localhost"})
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    with connection.execute_wrapper(note):
        answer = browser.post(f"/chats/{chat_pk}/messages/", {"body": TEXT, "client_id": str(uuid.uuid4())})
    if answer.status_code != 200:
        raise RuntimeError(f"a post was answered with {answer.status_code}")
    return len(queries)


def unnotified() -> int:
    """Return for how many messages the worker has not done its task yet."""
    from messaging.models import Message

    return Message.objects.filter(notified_at=None).count()


def _sign_in(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
